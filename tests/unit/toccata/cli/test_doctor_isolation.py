"""What the doctor says of the isolation of scripts."""

from __future__ import annotations

import pytest

from toccata.cli.doctor.isolation import found, isolation
from toccata.runtime.isolation.choice import NO_ISOLATION, Isolation
from toccata.runtime.isolation.mechanism import Account, Bare, Bubblewrap
from toccata.runtime.isolation.place import Place


def test_a_machine_without_isolation_is_a_warning_that_says_what_is_missing() -> None:
    finding = found(Isolation(Bare(), Place(()), {"bubblewrap": "bwrap: No such file"}), root=False)
    assert (finding.verdict, "scripts see all" in finding.text) == ("warn", True)
    assert "package bubblewrap" in finding.advice
    assert "bwrap: No such file" in finding.advice


def test_root_is_warned_although_scripts_are_isolated_unless_they_are_other_users() -> None:
    assert found(Isolation(Bubblewrap(), Place(()), {}), root=True).verdict == "warn"
    assert found(Isolation(Bubblewrap(), Place(()), {}), root=False).verdict == "ok"
    assert found(Isolation(Account(), Place(()), {}), root=True).verdict == "ok"
    assert found(NO_ISOLATION, root=True).verdict == "warn"


def test_a_setting_that_names_no_isolation_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCCATA_WORKER_ISOLATION", "jail")
    assert isolation().verdict == "bad"
