from __future__ import annotations

from decimal import Decimal

import pytest

from contracts.language.yaml_text.document import MAX_SOURCE_BYTES, FlowSyntaxError, load_document


def test_values_are_those_of_yaml_core_and_texts_stay_texts():
    text = "a: 1\nb: 1.5\nc: true\nd: null\ne: ~\nf:\ng: 2024-01-01\nh: on\ni: 01\nj: 1e3\nk: '5'\nl: 1_000\nm: 12:30:45\n"
    assert load_document(text).value == {
        "a": 1,
        "b": 1.5,
        "c": True,
        "d": None,
        "e": None,
        "f": None,
        "g": "2024-01-01",
        "h": "on",
        "i": "01",
        "j": "1e3",
        "k": "5",
        "l": 1000,
        "m": "12:30:45",
    }


def test_numbers_keep_every_digit():
    text = "a: 123456789012345678901234567890\nb: -9223372036854775809\nc: 0.10000000000000000005\nd: 1_000.50\ne: 9.99e99999\n"
    assert load_document(text).value == {
        "a": 123456789012345678901234567890,
        "b": -9223372036854775809,
        "c": Decimal("0.10000000000000000005"),
        "d": 1000.5,
        "e": "9.99e99999",
    }


def test_a_position_is_that_of_the_value_or_of_its_nearest_ancestor():
    document = load_document("id: a\ntasks:\n  - id: one\n    type: x\n  - {id: two}\n")
    assert document.position(("tasks", 0, "type")) == (4, 11)
    assert document.key_position(("tasks", 0, "type")) == (4, 5)
    assert document.position(("tasks", 1, "id")) == (5, 10)
    assert document.position(("tasks", 1, "type")) == (5, 5)
    assert document.position(("nothing",)) == (1, 1)


def test_a_block_text_knows_that_its_lines_are_lines_of_the_source():
    document = load_document("a: |\n  one\nb: one\n")
    assert document.is_literal(("a",))
    assert not document.is_literal(("b",))


def test_a_quoted_merge_key_is_a_key():
    document = load_document("a: &a {x: 1}\nb:\n  '<<': *a\n  \"y\": 2\n")
    assert isinstance(document.value, dict)
    assert document.value["b"] == {"<<": {"x": 1}, "y": 2}
    with pytest.raises(FlowSyntaxError, match="duplicate field `<<`"):
        load_document('{"<<": 1, "<<": 2}')


def test_aliases_and_merge_keys_expand_and_what_is_written_wins():
    document = load_document("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\nc: *a\n")
    assert document.value == {"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}, "c": {"x": 1, "y": 2}}
    assert document.position(("b", "x")) == (1, 11)


@pytest.mark.parametrize(
    ("text", "problem", "line", "column"),
    [
        ("id: [unclosed\n  foo", "not closed by `]`", 1, 5),
        ("a: 1\nb: 2\na: 3", "duplicate field `a`", 3, 1),
        ("a: 1\nb:\n  c: 1\n  c: 2", "duplicate field `c`", 4, 3),
        ("a: b: c", "a colon and a space in it is not quoted", 1, 5),
        ("", "the document is empty", 1, 1),
        ("# only a comment", "the document is empty", 1, 1),
        ("a: *b", "alias `*b` has no anchor", 1, 4),
        ("a: &a [*a]", "alias `*a` has no anchor", 1, 8),
        ("? [a]\n: b", "a key must be a plain text", 1, 3),
        ("? \n: b", "a key is missing", 1, 2),
        ("a: !!python/object/apply:os.system [x]", "is not supported", 1, 4),
        ("a: !!int x", "is not of type int", 1, 4),
        ("a: 1\n---\nb: 2", "a second document starts here", 2, 1),
        ("a: \x07", "U+0007 cannot be written", 1, 4),
        ("a: \ud800", "U+D800 cannot be written", 1, 4),
        ("a:\n\t- b", "a tab is used for indentation", 2, 1),
    ],
)
def test_what_is_no_document_is_refused_with_its_place(text, problem, line, column):
    with pytest.raises(FlowSyntaxError) as caught:
        load_document(text)
    assert str(caught.value).startswith("Illegal flow yaml: ")
    assert problem in str(caught.value)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_depth_is_bounded_also_through_aliases():
    for text in ("[" * 65 + "]" * 65, "- " * 5000 + "a", "[" * 400_000):
        with pytest.raises(FlowSyntaxError):
            load_document(text)
    chain = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 80))
    with pytest.raises(FlowSyntaxError, match="aliases expanded"):
        load_document(chain)
    assert load_document("[" * 64 + "]" * 64).value


def test_a_small_text_that_expands_to_billions_is_refused():
    laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
    laughs += "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
    with pytest.raises(FlowSyntaxError, match="aliases expanded"):
        load_document(laughs)


def test_a_document_that_the_server_could_not_store_is_refused_here():
    start = "a: "
    assert load_document(start + "x" * (MAX_SOURCE_BYTES - len(start))).value
    with pytest.raises(FlowSyntaxError, match="it has 400001 bytes, at most 400000 can be stored"):
        load_document(start + "x" * (MAX_SOURCE_BYTES - len(start) + 1))


def test_numbers_that_json_cannot_carry_stay_texts():
    document = load_document(f"a: {'9' * 5000}\nc: 1.0e999\nd: .inf\ne: .nan")
    assert isinstance(document.value, dict)
    assert all(isinstance(value, str) for value in document.value.values())
