"""What the doctor says of the engine for containers."""

from __future__ import annotations

from pathlib import Path

import pytest

from toccata.cli.doctor.containers import containers, found


async def test_an_engine_that_does_not_answer_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TOCCATA_WORKER_CONTAINER_HOST", f"unix://{tmp_path}/none.sock")
    finding = await containers()
    assert (finding.verdict, "none.sock" in finding.text) == ("warn", True)


async def test_a_worker_that_refuses_containers_needs_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCCATA_WORKER_CONTAINERS", "refused")
    assert (await containers()).verdict == "ok"


def test_an_engine_that_everybody_can_use_is_a_warning() -> None:
    assert found("28.5", open_to_all=True).verdict == "warn"
    assert found("28.5", open_to_all=False).verdict == "ok"
