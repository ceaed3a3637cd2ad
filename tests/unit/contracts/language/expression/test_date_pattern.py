"""The pieces of a pattern of Java's ``DateTimeFormatter``."""

from __future__ import annotations

import pytest

from contracts.language.expression.date_pattern import Bracket, Letters, Literal, Piece, pieces
from contracts.language.expression.errors import ExpressionError


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", []),
        ("yyyy-MM", [Letters("y", 4), Literal("-"), Letters("M", 2)]),
        ("HHmm", [Letters("H", 2), Letters("m", 2)]),
        ("d'T'H", [Letters("d", 1), Literal("T"), Letters("H", 1)]),
        ("'it''s'", [Literal("it's")]),
        ("H''m", [Letters("H", 1), Literal("'"), Letters("m", 1)]),
        ("H[:m]", [Letters("H", 1), Bracket(True), Literal(":"), Letters("m", 1), Bracket(False)]),
        ("d. M.", [Letters("d", 1), Literal(". "), Letters("M", 1), Literal(".")]),
    ],
)
def test_pieces(pattern: str, expected: list[Piece]) -> None:
    assert list(pieces(pattern)) == expected


def test_a_quote_that_is_not_closed_is_refused() -> None:
    with pytest.raises(ExpressionError, match="unclosed quote"):
        list(pieces("yyyy 'T"))
