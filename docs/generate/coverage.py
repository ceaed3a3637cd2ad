"""What of Kestra's language is here, and a test that names it. Both are found in the code and the tests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from contracts.language.expression.check import CHECKS
from contracts.language.expression.filters import FILTERS
from contracts.language.expression.functions import FUNCTIONS
from contracts.language.expression.impure import UNBUILT_FUNCTIONS, WORKER_FUNCTIONS
from contracts.language.flow.reader import FLOW_KEYS, TASK_KEYS, TRIGGER_KEYS
from contracts.language.flow.warning import NOT_CARRIED_OUT, NOT_CARRIED_OUT_FOR_TRIGGERS
from contracts.language.types.index import FLOWABLES, INPUTS, TRIGGERS
from contracts.language.types.index import TASKS as PURE_TASKS
from contracts.states import State
from docs.generate.kestra import names
from docs.generate.table import Pages, code, page, table
from docs.generate.types import catalog

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
INTRODUCTION = """
Each key, type, function and state of the flow language, and a test that names it. This page is made from the code and the tests: a name without a test
says *no test names it*, and what Kestra has but this version does not says *not here*. [Coming from Kestra](coming-from-kestra.md) lists the types of
Kestra's plugins.
"""
NOT_HERE = "*not here*"
NO_EFFECT = "*no effect*"
UNPROVEN = "*no test names it*"


def pages() -> Pages:
    text = page(
        "Coverage",
        INTRODUCTION,
        *[
            _section(title, anchor, _rows(wanted, here, pattern))
            for title, anchor, wanted, here, pattern in _subjects()
        ],
    )
    return {"reference/coverage.md": text}


def _subjects() -> Iterable[tuple[str, str, Iterable[str], Mapping[str, str], str]]:
    """Title, anchor, all names, those that are here with a remark, and how a test names one."""
    kestra = names()
    everywhere = dict.fromkeys(FUNCTIONS, "") | dict.fromkeys(WORKER_FUNCTIONS, "on a worker")
    known = {each.name: "" for each in catalog()}
    types = {*known, *FLOWABLES, *TRIGGERS, *PURE_TASKS}
    no_effect = dict.fromkeys(NOT_CARRIED_OUT.values(), NO_EFFECT)
    yield "Keys of flows", "flow", kestra["properties"]["flow"], _here(FLOW_KEYS, no_effect), r"(?<![\w.]){}:"
    yield "Keys of tasks", "task", kestra["properties"]["task"], _here(TASK_KEYS, no_effect), r"(?<![\w.]){}:"
    yield (
        "Keys of triggers",
        "trigger",
        kestra["properties"]["trigger"],
        _here(TRIGGER_KEYS, dict.fromkeys(NOT_CARRIED_OUT_FOR_TRIGGERS.values(), NO_EFFECT)),
        r"(?<![\w.]){}:",
    )
    yield (
        "Types of inputs and outputs",
        "inputs",
        kestra["inputs"],
        _here(INPUTS),
        r"(?:type: |\"type\": \")?\b{}\b",
    )
    yield "States", "states", [each.value for each in State], _here([each.value for each in State]), r"\b{}\b"
    yield "Types of tasks and triggers", "types", sorted(types), _here(types), r"{}\b"
    yield "Functions", "functions", {*kestra["functions"], *UNBUILT_FUNCTIONS}, everywhere, r"\b{}\("
    yield "Filters", "filters", kestra["filters"], _here(FILTERS), r"\|\s*{}\b"
    yield "Tests", "tests", kestra["tests"], _here(CHECKS), r"is (?:not )?{}\b"


def _here(found: Iterable[str], remarks: Mapping[str, str] | None = None) -> dict[str, str]:
    return {name: (remarks or {}).get(name, "") for name in found}


def _rows(wanted: Iterable[str], here: Mapping[str, str], pattern: str) -> list[tuple[str, str]]:
    rows = []
    for name in sorted({*wanted, *here}):
        if name not in here:
            rows.append((code(name), NOT_HERE))
            continue
        found = _test_of(pattern.replace("{}", re.escape(name)), name)
        shown = code(found) if found else UNPROVEN
        rows.append((code(name), f"{here[name]} {shown}".strip()))
    return rows


def _section(title: str, anchor: str, rows: list[tuple[str, str]]) -> str:
    missing = sum(NOT_HERE in said for _, said in rows)
    proven = sum(
        not {NOT_HERE, UNPROVEN} & {said.strip()} and UNPROVEN not in said and NOT_HERE not in said
        for _, said in rows
    )
    head = (
        f"## {title} {{#coverage-{anchor}}}\n\n{len(rows)} names: {proven} with a test, {missing} not here."
    )
    return f"{head}\n\n{table(('name', 'test'), rows)}"


def _test_of(pattern: str, name: str) -> str:
    """Return the first test module or file of cases that names it, the most special first."""
    expression = re.compile(pattern)
    for path, text in _tests():
        if name in text and expression.search(text):
            return path
    return ""


@cache
def _tests() -> list[tuple[str, str]]:
    folders = (
        "conformance/data",
        "unit/contracts",
        "conformance",
        "unit",
        "property",
        "simulation",
        "e2e",
        "integration",
        "support",
    )
    found: dict[str, str] = {}
    for folder in folders:
        for file in sorted((TESTS / folder).rglob("*")):
            if file.suffix in {".py", ".yaml"}:
                found.setdefault(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8"))
    return list(found.items())
