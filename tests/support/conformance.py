"""Where the conformance data is, if it is here at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def conformance_dir() -> Path:
    """Setting TOCCATA_CONFORMANCE_DIR, by default beside the project; skips the module where it is absent."""
    folder = Path(os.environ.get("TOCCATA_CONFORMANCE_DIR", ROOT.parent / "shared" / "conformance"))
    if not folder.exists():
        pytest.skip(f"no conformance data at {folder} (TOCCATA_CONFORMANCE_DIR)", allow_module_level=True)
    return folder
