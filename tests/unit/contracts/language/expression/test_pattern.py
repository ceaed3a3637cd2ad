"""Regular expressions of flow authors."""

from __future__ import annotations

import pytest

from contracts.language.expression.errors import ExpressionError, LimitExceeded
from contracts.language.expression.pattern import bounded_length, compile_regex, substitute
from tests.support.budget import a_budget


def test_named_groups_are_written_as_in_java() -> None:
    found = compile_regex(r"(?<year>\d{4})").search("in 2025")
    assert found is not None
    assert found["year"] == "2025"


@pytest.mark.parametrize(
    ("pattern", "replacement", "text", "expected"),
    [
        ("[0-9]", "#", "a1b2", "a#b#"),
        (r"(\w)(\w)", "$2$1", "abcd", "badc"),
        (r"(?<first>\w)b", "${first}!", "ab", "a!"),
        ("a", r"\$1", "a", "$1"),
        ("x", "y", "abc", "abc"),
    ],
)
def test_replacements_are_written_as_in_java(
    pattern: str, replacement: str, text: str, expected: str
) -> None:
    assert substitute(pattern, replacement, text, a_budget()) == expected


@pytest.mark.parametrize("pattern", ["(", "[a", "a{2,1}", "*"])
def test_a_broken_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ExpressionError, match="is not valid"):
        compile_regex(pattern)


def test_a_replacement_that_names_no_group_is_refused() -> None:
    with pytest.raises(ExpressionError, match="is not valid"):
        substitute("a", "$1", "a", a_budget())


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a*)*", "((ab)+c?)+", "(a|b+)*"])
def test_a_repeated_repetition_is_refused(pattern: str) -> None:
    with pytest.raises(LimitExceeded, match="could take for ever"):
        compile_regex(pattern)


@pytest.mark.parametrize("pattern", ["a+b*", "(ab)+", "(a{1,3})+", r"\d+-\d+"])
def test_simple_repetition_is_allowed(pattern: str) -> None:
    compile_regex(pattern)


def test_patterns_and_results_have_a_bound() -> None:
    compile_regex("a" * 1_000)
    with pytest.raises(LimitExceeded):
        compile_regex("a" * 1_001)
    bounded_length(1_048_576)
    with pytest.raises(LimitExceeded):
        substitute("a", "b" * 1_100, "a" * 1_000, a_budget())
