"""JSON and YAML that a template reads."""

from __future__ import annotations

import pytest

from contracts.language.expression.budget import Budget
from contracts.language.expression.errors import ExpressionError, LimitExceeded
from contracts.language.expression.reading import charge_json, loaded
from tests.support.budget import a_budget
from tests.support.expression import value_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1", {"a": 1}),
        ("1:30", "1:30"),
        ("1:30.5", "1:30.5"),
        ("-0x1f", -31),
        ("1_000", 1_000),
        ("2024-01-01", "2024-01-01"),
        ("1.5e+3", 1500.0),
        ("9" * 101, "9" * 101),
        ("", None),
    ],
)
def test_scalars(text: str, value: object) -> None:
    assert loaded(text, a_budget()) == value


def test_a_long_number_in_base_60_is_text_at_once() -> None:
    """Reading it as a number took 5 s, and more than the square of its length."""
    text = "1" + ":1" * 400_000
    assert loaded(text, a_budget()) == text


@pytest.mark.parametrize(
    "text",
    ["- a\n" * 100_001, "[" * 101 + "]" * 101, "a: &a 1\nb: [" + "*a," * 1_001 + "]", "a" * 1_048_577],
    ids=["values", "levels", "aliases", "characters"],
)
def test_what_is_too_large_is_refused_before_a_tree_is_built(text: str) -> None:
    with pytest.raises(LimitExceeded):
        loaded(text, Budget(1_000_000_000))


def test_values_are_charged_before_they_are_read() -> None:
    with pytest.raises(LimitExceeded):
        loaded("- a\n" * 1_000, Budget(100_000))
    with pytest.raises(LimitExceeded):
        charge_json("[" + "{}," * 1_000 + "{}]", Budget(100_000))


@pytest.mark.parametrize(
    "text", ["!!int ''", "!!float x", "!!bool x", "!!timestamp x", "!!binary é", "a: [", "*b"]
)
def test_what_is_no_yaml_is_an_error_of_the_expression(text: str) -> None:
    with pytest.raises(ExpressionError):
        value_of("yaml(text)", text=text)
