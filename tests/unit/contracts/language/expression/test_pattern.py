"""Regular expressions of flow authors."""

from __future__ import annotations

import pytest

from contracts.language.expression import pattern as module
from contracts.language.expression.errors import ExpressionError, LimitExceeded
from contracts.language.expression.pattern import (
    bounded_length,
    compile_regex,
    divided,
    fits,
    substitute,
)
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


@pytest.mark.parametrize(
    ("pattern", "text", "whole"),
    [
        (r"^\w+(,\w+)*$", "a,b,c", True),
        (r"^([a-z0-9]+(-[a-z0-9]+)*\.)+[a-z]{2,}$", "my-host.example.org", True),
        (r"^[a-z0-9]+(?:-[a-z0-9]+)*$", "a-slug-", False),
        (r"^(/[^/]+)+$", "/a/b", True),
        (r"^\d+(\.\d+)*$", "1.20.3", True),
        (r"^[\w.+-]+@([\w-]+\.)+[\w-]{2,}$", "ada@mail.example.org", True),
        (r"^(\w+\s?)+$", "three plain words", True),
        ("^(a+)+$", "aaab", False),
    ],
)
def test_everyday_patterns_that_repeat_a_repetition_are_used(pattern: str, text: str, whole: bool) -> None:
    assert fits(pattern, text) is whole


@pytest.mark.parametrize(
    ("pattern", "replacement", "text", "expected"),
    [
        (r"\p{L}+", "W", "été 1", "W 1"),
        (r"\p{Upper}", "U", "Ab1!É", "Ub1!É"),
        (r"\p{Punct}", "", "Ab1!", "Ab1"),
        (r"\p{IsLatin}+", "L", "aé я", "L я"),
        (r"\P{L}", "_", "a1é", "a_é"),
        (r"\Q.\E", "-", "a.bc", "a-bc"),
        ("[a-z&&[^b]]", "x", "abc", "xbx"),
        ("[a-c[x-z]]", "_", "abmyz", "__m__"),
        (r"\h+", "_", "a \t\u00a0b", "a_b"),
        (r"\R", "|", "a\r\nb\nc", "a|b|c"),
        (r"\d", "#", "1٣", "#٣"),
        (r"[\w-]+", "w", "a-b é", "w é"),
        (r"\x41\u0042\x{43}\0104", "ok", "ABCD", "ok"),
        (r"a++b", "x", "aaab", "x"),
        (r"(?>a+)b", "x", "aab", "x"),
        (r"(?<l>\w)\k<l>", "<${l}>", "aab", "<a>b"),
        ("a.b", "x", "a\nb a b", "a\nb x"),
        ("(?s)a.b", "x", "a\nb", "x"),
        ("(?i)AB", "x", "ab", "x"),
        ("[~|]", "x", "a~b|c", "axbxc"),
        (r"[\s-x]", "_", "a-b xc", "a_b__c"),
        (r"b\z", "x", "ab\n", "ab\n"),
        (r"b\Z", "x", "ab\n", "ax\n"),
    ],
)
def test_patterns_mean_what_they_mean_in_java(
    pattern: str, replacement: str, text: str, expected: str
) -> None:
    assert substitute(pattern, replacement, text, a_budget()) == expected


@pytest.mark.parametrize(
    "pattern", [r"\y", r"\p{Nonsense}", "a{b", "(?#no)", "(?d)a", "[]", "[a", "\\", r"\k<", "a{e<=1}"]
)
def test_what_java_or_the_library_does_not_have_is_refused(pattern: str) -> None:
    with pytest.raises(ExpressionError, match="is not valid"):
        compile_regex(pattern)


def test_a_pattern_that_takes_for_ever_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.2)
    with pytest.raises(LimitExceeded, match="takes more than"):
        fits("x*x*x*x*x*[ay]", "x" * 100_000)


@pytest.mark.parametrize(
    ("pattern", "limit", "text", "parts"),
    [
        ("", 0, "abc", ["a", "b", "c"]),
        ("", -1, "ab", ["a", "b", ""]),
        (",", 0, "", [""]),
        (",", 0, ",a,b", ["", "a", "b"]),
        (",", 0, "a,b,,", ["a", "b"]),
        (",", -1, "a,b,,", ["a", "b", "", ""]),
        (",", 2, "a,b,c", ["a", "b,c"]),
        (",", 1, "a,b", ["a,b"]),
        (",", 0, ",,", []),
        ("([0-9])", 0, "a1b2c", ["a", "b", "c"]),
    ],
)
def test_texts_are_split_as_in_java(pattern: str, limit: int, text: str, parts: list[str]) -> None:
    assert divided(pattern, text, limit, a_budget()) == parts


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
