"""Flows: the course's and the examples', mutated. They are read as web and the registry read them."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from contracts.language.flow.validate import validate
from tests.fuzz.text import mutated
from toccata.plugins.host.catalog import PluginCatalog

ROOT = Path(__file__).parents[2]
WRITTEN = [
    file.read_text()
    for folder in (ROOT / "flows", ROOT / "tests" / "conformance" / "data" / "course")
    for file in sorted(folder.rglob("*.yaml"))
]
CATALOG = PluginCatalog.ours()
SOURCES = mutated(st.sampled_from(WRITTEN), most=8)
DECLARED: tuple[type[Exception], ...] = ()


def check(source: str) -> None:
    """Validation never raises, and its messages are no dumps."""
    found = validate(source, CATALOG)
    assert (found.flow is None) == bool(found.errors)
    assert all(len(line) < 20_000 for line in found.lines())
