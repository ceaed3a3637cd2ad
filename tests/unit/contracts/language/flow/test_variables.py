"""The shapes of variables that templates see of an execution."""

from __future__ import annotations

from contracts.language.flow.variables import merged, nested_labels, put


def test_dotted_labels_are_nested_and_the_first_wins() -> None:
    assert nested_labels({"a.b": "1", "a.c": "2", "x": "3", "x.y": "4"}) == {
        "a": {"b": "1", "c": "2"},
        "x": "3",
    }


def test_maps_merge_lists_append_and_later_scalars_win() -> None:
    assert merged({"a": [1], "b": {"c": 1}, "d": 1}, {"a": [2], "b": {"e": 2}, "d": 2}) == {
        "a": [1, 2],
        "b": {"c": 1, "e": 2},
        "d": 2,
    }


def test_what_is_put_where_something_stands_is_merged_with_it() -> None:
    found: dict[str, object] = {}
    put(found, ["t", "1"], {"value": "a"})
    put(found, ["t", "2"], {"value": "b"})
    put(found, ["t", "1"], {"more": 1})
    assert found == {"t": {"1": {"value": "a", "more": 1}, "2": {"value": "b"}}}
