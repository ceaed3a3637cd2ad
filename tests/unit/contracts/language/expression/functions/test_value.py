"""Functions that create or read values."""

from __future__ import annotations

import re

import pytest

from contracts.language.expression.errors import ExpressionError
from tests.support.expression import value_of


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("now('yyyy-MM-dd HH:mm')", "2025-06-01 08:30"),
        ("now(format='HH:mm', timeZone='Europe/Paris')", "10:30"),
        ("now()", "2025-06-01T08:30:00.000000Z"),
        ("fromJson('{\"a\": [1, null]}')", {"a": [1, None]}),
        ("json('2')", 2),
        ("fromJson(null)", None),
        ("yaml('a: 1\nb: [x, true]')", {"a": 1, "b": ["x", True]}),
        ("yaml('on: 2025-03-01').on ?? yaml('at: 2025-03-01').at", "2025-03-01"),
        ("yaml('')", None),
        ("max(1, 3, 2.5)", 3),
        ("min(1, 3, 2.5)", 1),
        ("max(7)", 7),
        ("range(1, 7, 3)", [1, 4, 7]),
        ("range('a', 'c')", ["a", "b", "c"]),
        ("randomInt(5, 6)", 5),
        ("randomInt(5, 5)", 5),
    ],
)
def test_functions(expression: str, expected: object) -> None:
    assert value_of(expression) == expected


def test_environment_variables_by_any_case_and_with_a_default() -> None:
    envs = {"stage": "prod", "blank": ""}
    assert value_of("env('STAGE')", envs=envs) == "prod"
    assert value_of("env('none', 'x')", envs=envs) == "x"
    assert value_of("env('blank', 'x')", envs=envs) == "x"
    with pytest.raises(ExpressionError, match="no environment variable `none`"):
        value_of("env('none')", envs=envs)


def test_everything_that_can_be_seen() -> None:
    assert value_of("fetchContext()", a=1) == {"a": 1}
    assert value_of("printContext()", a=1) == {"a": 1}


@pytest.mark.parametrize(
    ("expression", "form"),
    [
        ("uuid()", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        ("id()", r"[0-9A-Za-z]{22}"),
        ("ksuid()", r"[0-9A-Za-z]{27}"),
    ],
)
def test_ids_have_their_form_and_follow_from_the_seed(expression: str, form: str) -> None:
    first = value_of(expression)
    assert re.fullmatch(form, first)
    assert value_of(expression) == first, "the same input renders the same"
    assert value_of(f"{expression} ~ '/' ~ {expression}").split("/")[1] != first, (
        "two calls in one template differ"
    )


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("fromJson('{')", "not JSON"),
        ("yaml('a: [')", "not YAML"),
        ("max()", "at least one number"),
        ("max(1, 'a')", "needs numbers, found text"),
        ("min(1, null)", "needs numbers, found null"),
        ("randomInt(2, 1)", "below the lower one"),
        ("range(1, 'a')", "A range needs two integers"),
        ("now('yyyyT')", "which is unknown"),
    ],
)
def test_a_value_that_a_function_cannot_use_is_reported(expression: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        value_of(expression)


def test_yaml_that_grows_by_aliases_is_refused() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for name, before in zip("bcdef", "abcde", strict=True):
        bomb += f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    with pytest.raises(ExpressionError, match="aliases expanded"):
        value_of("yaml(text)", text=bomb)


def test_a_nano_id_has_the_length_and_the_signs_that_are_asked_for():
    assert len(value_of("nanoId()")) == 21
    assert set(value_of("nanoId(200, 'ab')")) == {"a", "b"}
    assert value_of("nanoId(0)") == ""


@pytest.mark.parametrize(
    "call", ["nanoId(1001)", "nanoId(-1)", "nanoId(5, '')", "nanoId('x')", "nanoId(5, [1])"]
)
def test_no_nano_id_without_bounds_or_signs(call):
    with pytest.raises(ExpressionError, match="nanoId"):
        value_of(call)
