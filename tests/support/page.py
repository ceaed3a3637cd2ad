"""The built page, for the tests that look at it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.system import ROOT


@pytest.fixture(scope="session")
def built_page() -> None:
    """The page as its sources are now."""
    built = subprocess.run(
        [ROOT / ".ci" / "ui", "build", sys.executable], capture_output=True, text=True, check=False
    )
    if built.returncode:
        pytest.fail(built.stderr, pytrace=False)
