"""Flows: the course's and the examples', with their text changed, or with odd values anywhere in them. They are read as web and the
registry read them, and compiled as the executor compiles them."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from contracts.language.flow.plan import compile_plan
from contracts.language.flow.validate import validate
from tests.fuzz.text import mutated, places
from toccata.plugins.host.catalog import PluginCatalog

ROOT = Path(__file__).parents[2]
WRITTEN = [
    file.read_text()
    for folder in (ROOT / "flows", ROOT / "tests" / "conformance" / "data" / "course")
    for file in sorted(folder.rglob("*.yaml"))
]
CATALOG = PluginCatalog.ours()


@st.composite
def shaken(draw: st.DrawFn) -> str:
    """A flow with odd values, and with parts of other flows, at any place."""
    document = deepcopy(draw(st.sampled_from(DOCUMENTS)))
    for _ in range(draw(st.integers(1, 4))):
        container, key = draw(st.sampled_from(places(document)))
        foreign = draw(st.sampled_from(places(draw(st.sampled_from(DOCUMENTS)))))
        container[key] = deepcopy(draw(st.one_of(st.sampled_from(ODD), st.just(foreign[0][foreign[1]]))))
    return yaml.safe_dump(document, allow_unicode=draw(st.booleans()))


DOCUMENTS: list[dict[str, Any]] = [yaml.safe_load(text) for text in WRITTEN]
ODD: list[object] = [None, True, -1, 2**63, 1e308, "", "\x00", "{{", "{{ 1 / 0 }}", "PT", "-P1D", "a" * 5_000, [], {}, [[]] * 9, {"a": {"b": []}}]  # fmt: skip
SOURCES = st.one_of(mutated(st.sampled_from(WRITTEN), most=8), shaken())
DECLARED: tuple[type[Exception], ...] = ()


def check(source: str) -> None:
    """Validation never raises, and its messages are no dumps."""
    found = validate(source, CATALOG)
    assert (found.flow is None) == bool(found.errors)
    assert all(len(line) < 20_000 for line in found.lines())
    if found.flow is not None:
        compile_plan(found.flow.model_copy(update={"revision": 1}))
