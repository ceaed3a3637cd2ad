"""Programs of jq to trees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.jq.parse import parsed


@pytest.mark.parametrize(
    ("program", "tree"),
    [
        ("", ("self",)),
        (". # all of it", ("self",)),
        (".a", ("index", ("self",), ("value", "a"))),
        ("1 + 2 * 3", ("binary", "+", ("value", 1), ("binary", "*", ("value", 2), ("value", 3)))),
        ("1, 2 | 3", ("pipe", ("comma", ("value", 1), ("value", 2)), ("value", 3))),
        (
            "1 - 2 - 3",
            ("binary", "-", ("binary", "-", ("value", 1), ("value", 2)), ("value", 3)),
        ),
        (r'"a\n\u00e9"', ("value", "a\né")),
    ],
)
def test_strength_and_association(program: str, tree: object) -> None:
    assert parsed(program) == tree


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (".a |", "something is missing at position 5"),
        ("(1", "`)` is expected, not the end"),
        ('"a', "a text is not closed"),
        (".[", "something is missing"),
        ("if 1 then 2", "`end` is expected"),
        ("1 2", "`2` is not expected at position 3"),
        ("^", "`^` is not expected at position 1"),
        ("(" * 100 + "1" + ")" * 100, "nested too deep"),
        ("1" * 5_000, "more than 4000 characters"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(program: str, message: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        parsed(program)
    assert message in str(raised.value)


@pytest.mark.parametrize("program", ["# why\n.a", "\n# why\n.a", ".a # why", " \n .a\n#", "#\n#\n\n.a #\n "])
def test_a_comment_ends_with_its_line(program: str) -> None:
    assert parsed(program) == parsed(".a")


@given(st.text(alphabet='.[](){}|,:;"\\$@ab12+-*/?=<>#\n and', max_size=15))
def test_every_text_is_read_or_refused(program: str) -> None:
    try:
        parsed(program)
    except ExpressionError:
        return
