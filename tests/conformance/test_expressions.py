"""The expression language against our own cases, by subject in ``data/expressions``. The expectations were derived from the
behaviour of Kestra 2.0.

A case has the template ``in`` and one of: ``out``, the exact text; ``like``, a regular expression for all of it; ``has``, parts
of it; ``between``, the bounds of a number; ``fails``, a part of the error's message."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.filters import FILTERS
from contracts.language.expression.functions import FUNCTIONS
from contracts.language.expression.scope import Scope
from contracts.language.expression.template import compile_template

NOW = datetime(2027, 5, 9, 8, 7, 6, tzinfo=UTC)
FOLDER = Path(__file__).parent / "data" / "expressions"
EXPECTATIONS = frozenset({"out", "like", "has", "between", "fails"})


def _cases() -> list[Any]:
    found = []
    for file in sorted(FOLDER.glob("*.yaml")):
        for group in yaml.safe_load(file.read_text()):
            for number, case in enumerate(group["cases"], 1):
                name = f"{file.stem}: {group['about']} {number}"
                found.append(pytest.param({"given": group.get("given", {}), **case}, id=name))
    return found


CASES = _cases()


def render(case: dict[str, Any]) -> str:
    return compile_template(case["in"]).render(Scope(case["given"], NOW, 7))


@pytest.mark.parametrize("case", CASES)
def test_case(case: dict[str, Any]) -> None:
    assert len(EXPECTATIONS & case.keys()) == 1
    assert set(case) <= EXPECTATIONS | {"in", "given"}
    if "fails" in case:
        with pytest.raises(ExpressionError) as raised:
            render(case)
        assert case["fails"] in str(raised.value)
        return
    result = render(case)
    if "out" in case:
        assert result == case["out"]
    elif "like" in case:
        assert re.fullmatch(case["like"], result, re.DOTALL)
    elif "has" in case:
        assert all(part in result for part in case["has"])
    else:
        low, high = case["between"]
        assert low <= int(result) <= high


def test_every_filter_and_function_has_a_case():
    templates = " ".join(param.values[0]["in"] for param in CASES)
    assert [name for name in FILTERS if not re.search(rf"\|\s*{name}\b", templates)] == []
    assert [name for name in FUNCTIONS if not re.search(rf"\b{name}\(", templates)] == []
