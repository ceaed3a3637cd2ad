"""The expression language against cases that were checked on running Kestra servers."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.scope import Scope
from contracts.language.expression.template import compile_template
from tests.support.conformance import conformance_dir

NOW = datetime(2026, 3, 1, 12, 34, 56, tzinfo=UTC)
CASES: list[dict[str, Any]] = json.loads((conformance_dir() / "expressions.json").read_text())

OUTSIDE = {
    "filter:jq",
    "filter:toIon",
    "function:fromIon",
    "function:errorLogs",
    "function:read",
    "function:fileSize",
    "function:fileURI",
    "function:encrypt",
    "function:decrypt",
}
"""Kinds that come with a later issue: they need Ion, jq, or a port to storage, logs or keys."""

LATER = {
    "recursive-rendering": "a server option, not offered yet",
    "value-types": "the data are Java objects that JSON cannot say",
}


def _is_later(case: dict[str, Any]) -> str | None:
    if case["kind"] in OUTSIDE:
        return f"{case['kind']} comes later"
    if case["kind"] == "recursive-rendering":
        return LATER["recursive-rendering"]
    if case.get("http") is False:
        return LATER["value-types"]
    uses = re.findall(r"\b(jq|toIon|fromIon)\b", case["template"])
    return f"uses {uses[0]}" if uses else None


def _render(case: dict[str, Any]) -> str:
    return compile_template(case["template"]).render(Scope(case["variables"], NOW, 7))


def _expand(text: str) -> str:
    def replaced(match: re.Match[str]) -> str:
        zone = UTC if match[2] == "local" else ZoneInfo(match[2])
        return NOW.astimezone(zone).strftime("%Y-%m-%d" if match[1] == "date" else "%H:%M")

    return re.sub(r"\$\{(date|time):([^}]+)\}", replaced, text)


def _check(case: dict[str, Any], expected: dict[str, Any]) -> None:
    if "error" in expected:
        with pytest.raises(ExpressionError) as raised:
            _render(case)
        assert expected["error"] in str(raised.value)
        return
    result = _render(case)
    if "expect" in expected:
        assert result == _expand(expected["expect"])
    for part in expected.get("expect_contains", ()):
        assert _expand(part) in result
    if "expect_matches" in expected:
        assert re.fullmatch(expected["expect_matches"], result, re.DOTALL)
    if "expect_range" in expected:
        low, high = expected["expect_range"]
        assert low <= int(result) <= high


@pytest.mark.parametrize("case", [c for c in CASES if not _is_later(c)], ids=lambda c: c["id"])
def test_case(case: dict[str, Any]) -> None:
    _check(case, case | case["expect_2"] if "expect_2" in case else case)


def test_most_cases_are_in_scope() -> None:
    later = [c["id"] for c in CASES if _is_later(c)]
    assert len(later) < len(CASES) / 3
