"""The place of an error in a template."""

from __future__ import annotations

import pytest

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.place import Places, locate, syntax_error


@pytest.mark.parametrize(
    ("source", "position", "place"),
    [("abc", 0, (1, 1)), ("abc", 2, (1, 3)), ("a\nbc", 2, (2, 1)), ("a\n\nc", 3, (3, 1)), ("a\n", 1, (1, 2))],
)
def test_lines_and_columns_count_from_one(source: str, position: int, place: tuple[int, int]) -> None:
    assert locate(source, position) == place


def test_an_error_has_its_place_and_its_suggestion() -> None:
    error = syntax_error("It is wrong", "a\nbc", 3, "Write it right.")
    assert str(error) == "It is wrong (line 2, column 2 of `a\nbc`). Write it right."


def test_the_innermost_place_stays() -> None:
    places = Places("ab\ncd")
    error = places.placed(places.placed(ExpressionError("x"), 4), 0)
    assert (error.line, error.column) == (2, 2)


def test_only_a_part_of_a_long_source_is_shown() -> None:
    assert len(str(Places("y" * 1_000).placed(ExpressionError("x"), 0))) < 300
