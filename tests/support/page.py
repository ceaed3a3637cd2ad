"""The built page, for tests that use it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.system import ROOT


@pytest.fixture(scope="session")
def built_page() -> None:
    """Build the page from its present sources."""
    built = subprocess.run(
        [ROOT / ".ci" / "ui", "build", sys.executable], capture_output=True, text=True, check=False
    )
    if built.returncode:
        pytest.fail(built.stderr, pytrace=False)
