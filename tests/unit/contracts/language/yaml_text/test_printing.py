from __future__ import annotations

from decimal import Decimal

from contracts.language.yaml_text.printing import source_of


def test_texts_of_several_lines_are_blocks_even_with_spaces_at_their_ends() -> None:
    assert source_of({"a": "one  \ntwo\n", "b": "\n \n x"}) == "a: |\n  one  \n  two\nb: |2-\n\n   \n   x\n"


def test_texts_that_would_be_read_as_something_else_are_quoted() -> None:
    assert source_of(["1.5e3", "on", "null", "plain"]) == "- '1.5e3'\n- 'on'\n- 'null'\n- plain\n"


def test_numbers_keep_their_digits_and_equal_parts_have_no_anchors() -> None:
    part = [10**30, Decimal("0.10000000000000000005")]
    lines = "- 1000000000000000000000000000000\n- 0.10000000000000000005\n"
    assert source_of({"a": part, "b": part}) == f"a:\n{lines}b:\n{lines}"
