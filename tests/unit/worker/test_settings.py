"""What follows from the worker's settings."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from services.worker.__main__ import isolated
from services.worker.settings import WorkerSettings


def test_the_socket_of_the_engine_is_hidden_from_scripts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "engine.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        monkeypatch.setenv("TOCCATA_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("TOCCATA_WORKER_CONTAINER_HOST", f"unix://{path}")
        chosen = isolated(WorkerSettings())
    assert path in chosen.place.hidden
    assert path in chosen.place.now().hidden
    path.unlink()
    assert path in chosen.place.hidden  # it may come back
    assert path not in chosen.place.now().hidden


def test_the_engine_is_that_of_dockers_variable_with_its_certificates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://engine.example:2376")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", "/certificates")
    monkeypatch.setenv("TOCCATA_WORKER_CONTAINER_HOSTS", "tcp://a:1, tcp://b:1")
    rules = WorkerSettings().container_rules
    assert (rules.host, rules.certificates) == ("tcp://engine.example:2376", Path("/certificates"))
    assert rules.hosts == {"tcp://a:1", "tcp://b:1"}
    assert (rules.containers, rules.volumes, rules.privileged, rules.is_default) == (
        "required",
        False,
        False,
        False,
    )
