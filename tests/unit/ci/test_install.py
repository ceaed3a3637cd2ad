"""The first `make run` hides pip's 150 lines, unless pip fails. A script replaces Python with its pip."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGES = 60


def install(tmp_path: Path, script: str) -> subprocess.CompletedProcess[str]:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    requirements = tmp_path / "run.txt"
    requirements.write_text(
        "".join(f"package{number}==1 \\\n    --hash=sha256:00\n" for number in range(PACKAGES))
    )
    return subprocess.run(
        [ROOT / ".ci" / "install", python, requirements, "what is needed"],
        capture_output=True,
        text=True,
        env={**os.environ, "TOCCATA_INSTALL_GLANCE_SECONDS": "0.05"},
        timeout=60,
        check=False,
    )


def collecting(number: int) -> str:
    return f"for n in $(seq {number}); do echo Collecting package$n; echo '  Downloading it'; done"


def test_the_first_run_shows_progress_and_not_150_lines_of_pip(tmp_path: Path) -> None:
    ran = install(tmp_path, f"{collecting(30)}; sleep 0.3; {collecting(30)}; sleep 0.3; exit 0")
    assert (ran.returncode, ran.stderr) == (0, "")
    said = ran.stdout.splitlines()
    assert said[0] == "Installing what is needed: 60 packages (once) ..."
    assert "  30 of 60" in said
    assert len(said) <= 5


@pytest.mark.parametrize(
    ("pip_says", "we_say"),
    [
        (
            "urllib3.exceptions.NameResolutionError: Failed to resolve 'index'",
            "The package index cannot be reached",
        ),
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "pip's own words are above"),
    ],
)
def test_a_failure_is_shown_in_full_and_explained(tmp_path: Path, pip_says: str, we_say: str) -> None:
    ran = install(tmp_path, f'{collecting(3)}; echo "{pip_says}" >&2; exit 7')
    assert ran.returncode == 7
    assert "Collecting package1\n" in ran.stderr
    assert pip_says in ran.stderr
    assert we_say in ran.stderr.splitlines()[-1] or we_say in ran.stderr.splitlines()[-2]
