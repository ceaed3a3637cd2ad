"""Data that is read where it lies and not part of the project: flows of a course, and cases of expressions restated from Kestra's
own tests. ``TOCCATA_CONFORMANCE_DIR`` says where (by default ``../shared/conformance``); without it these tests skip."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.scope import Scope
from contracts.language.expression.template import compile_template
from contracts.language.flow.parse import parse_flow
from contracts.language.flow.semantic import all_tasks
from contracts.language.flow.validate import validate
from toccata.plugins.host.catalog import PluginCatalog

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("TOCCATA_CONFORMANCE_DIR", ROOT.parent / "shared" / "conformance"))
COURSE = sorted((FOLDER / "zoomcamp").glob("*.yaml"))
EXPRESSIONS = FOLDER / "expressions.json"
_TYPE = re.compile(r"(?:Invalid type: |task runner `)([\w.]+)")
NOT_HERE = {
    "needs": "it needs a Java object or a setting that JSON cannot carry",
    "function:decrypt": "encryption in templates is not built yet",
    "function:encrypt": "encryption in templates is not built yet",
    "function:errorLogs": "it needs a running execution",
    "function:fileURI": "it needs a worker",
    "function:fileSize": "it needs a worker",
    "function:read": "it needs a worker",
    "function:now": "the text depends on the clock",
}
"""Why cases of these kinds cannot pass here. Those that pass nevertheless do not count."""


@pytest.mark.skipif(not COURSE, reason=f"{FOLDER} has no flows of the course")
@pytest.mark.parametrize("file", COURSE, ids=lambda file: file.stem)
def test_a_flow_of_the_course_is_read_and_exactly_its_missing_types_are_named(file: Path) -> None:
    catalog = PluginCatalog.ours()
    source = file.read_text()
    flow = parse_flow(source, None).flow
    assert flow is not None
    named = set()
    for error in validate(source, catalog).errors:
        found = _TYPE.match(error.message)
        assert found is not None, error.one_line()
        named.add(found[1])
    written = {task.type for task in all_tasks(flow)} | {trigger.type for trigger in flow.triggers}
    missing = {each for each in written if catalog.resolve(each) is None}
    runners = {each for each in named if ".runner." in each}
    assert named == missing | runners


@pytest.mark.skipif(not EXPRESSIONS.exists(), reason=f"{EXPRESSIONS} is not there")
def test_expressions_give_what_kestra_gives_or_are_listed_with_the_reason() -> None:
    cases = json.loads(EXPRESSIONS.read_text())
    wrong = {
        case["id"]
        for case in cases
        if "needs" not in case and case["kind"] not in NOT_HERE and not _holds(case)
    }
    assert wrong == set()
    assert sum(_holds(case) for case in cases) >= 210


def _holds(case: dict[str, Any]) -> bool:
    try:
        text = compile_template(case["template"]).render(Scope(case["variables"], datetime.now(UTC), 7))
    except ExpressionError:
        return "expect" not in case and "expect_contains" not in case
    if "expect" in case:
        newer = case.get("expect_2", {}).get("expect", case["expect"])  # where 2.0 differs, it counts
        return bool(text == newer)
    return all(part in text for part in case.get("expect_contains", ()))
