"""Programs that take no arguments: asked for help they must not start, and nothing that is given is ignored."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
PROGRAMS = [
    "toccata.standalone",
    "services.executor",
    "services.indexer",
    "services.trigger_listener",
    "services.web",
    "services.worker",
]


def run(module: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A program that started all the same would be stopped by the time-out, and would leave something in its home."""
    command = [sys.executable, "-m", module, *arguments]
    environment = {"TOCCATA_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=60, check=False
    )


@pytest.mark.parametrize("module", PROGRAMS)
def test_a_program_that_is_asked_for_help_shows_it_and_does_not_start(module: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    ran = run(module, home, "--help")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith(f"usage: python -m {module} [-h]")
    assert "toccata settings check" in ran.stdout
    assert not home.exists()


@pytest.mark.parametrize("module", ["toccata.standalone", "services.worker"])
def test_a_program_refuses_arguments_that_it_does_not_know(module: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    ran = run(module, home, "--port", "8080")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.splitlines()[-1] == f"python -m {module}: error: unrecognized arguments: --port 8080"
    assert not home.exists()
