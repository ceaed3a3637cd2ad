"""Java's patterns in the words of the library."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.java_pattern import translated


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("abc", "abc"),
        ("(?<year>a)", "(?P<year>a)"),
        (r"\k<year>", "(?P=year)"),
        (r"\Qa.b\E+", r"a\.b+"),
        (r"\d", "[0-9]"),
        (r"[^\d]", "[^0-9]"),
        ("(?i)a", "(?i)a"),
        ("(?u)a", "a"),
        ("[a&&b]", "[[a]&&[b]]"),
    ],
)
def test_a_pattern_is_translated(pattern: str, expected: str) -> None:
    assert translated(pattern) == expected


@given(st.text(alphabet="ab01.*+?()[]{}|\\^$-&<>:=!dwsSpPQE,", max_size=12))
def test_every_text_is_translated_or_refused(pattern: str) -> None:
    try:
        regex.compile(translated(pattern), regex.VERSION1)
    except (ExpressionError, regex.error):
        return


@given(st.text(min_size=1, max_size=20).filter(lambda text: "\\E" not in text and not text.endswith("\\")))
def test_a_quoted_text_matches_itself(text: str) -> None:
    assert regex.compile(translated(f"\\Q{text}\\E"), regex.VERSION1).fullmatch(text)
