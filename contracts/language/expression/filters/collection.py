"""Filters on lists and maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.frame import Frame
from contracts.language.expression.operator import equal, name_of
from contracts.language.expression.text import to_text
from contracts.language.expression.vocabulary import ABSENT, Word, integer_of, list_of, text_of


def _length(_: Frame, value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, str | list | tuple | Mapping):
        return len(value)
    raise ExpressionError(f"`length` needs text, a list or a map, found {name_of(value)}")


def _end(value: Any, at: int, name: str) -> Any:
    if value is None:
        return None
    if isinstance(value, str | list | tuple):
        return value[at] if value else None
    raise ExpressionError(f"`{name}` needs a list or text, found {name_of(value)}")


def _join(_: Frame, value: Any, separator: object = ABSENT) -> str | None:
    if value is None:
        return None
    mark = "" if separator is ABSENT or separator is None else text_of(separator, "`join`")
    return mark.join([to_text(item) for item in list_of(value, "`join`")])


def _slice(_: Frame, value: Any, start: object = ABSENT, end: object = ABSENT) -> Any:
    if value is None:
        return None
    if not isinstance(value, str | list | tuple):
        raise ExpressionError(f"`slice` needs a list or text, found {name_of(value)}")
    first = 0 if start is ABSENT else integer_of(start, "`slice`")
    last = len(value) if end is ABSENT else integer_of(end, "`slice`")
    if not 0 <= first <= len(value) or not first <= last <= len(value):
        raise ExpressionError(f"`slice({first}, {last})` is out of range: the length is {len(value)}")
    return value[first:last]


def _sort(value: Any, name: str, *, descending: bool) -> Any:
    if value is None:
        return None
    try:
        return sorted(list_of(value, f"`{name}`"), reverse=descending)
    except TypeError as error:
        raise ExpressionError(f"`{name}`: the elements cannot be compared") from error


def _reverse(_: Frame, value: Any) -> Any:
    if value is None:
        return None
    return value[::-1] if isinstance(value, str) else list_of(value, "`reverse`")[::-1]


def _merge(_: Frame, value: Any, items: Any) -> Any:
    if isinstance(value, Mapping) and isinstance(items, Mapping):
        return {**value, **items}
    if value is None:
        return items
    return [*list_of(value, "`merge`"), *list_of(items, "`merge`")]


def _chunk(_: Frame, value: Any, size: object) -> Any:
    if value is None:
        return None
    items, width = list_of(value, "`chunk`"), integer_of(size, "`chunk`")
    if width < 1:
        raise ExpressionError("`chunk` needs a size of at least 1")
    return [items[at : at + width] for at in range(0, len(items), width)]


def _keys(_: Frame, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, Mapping):
        return list(value)
    return list(range(len(list_of(value, "`keys`"))))


def _values(_: Frame, value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise ExpressionError(f"`values` needs a map, found {name_of(value)}")
    return list(value.values())


def _flatten(_: Frame, value: Any) -> Any:
    if value is None:
        return None
    flat: list[Any] = []
    for item in list_of(value, "`flatten`"):
        flat.extend(item) if isinstance(item, list | tuple) else flat.append(item)
    return flat


def _distinct(_: Frame, value: Any) -> Any:
    if value is None:
        return "null"
    kept: list[Any] = []
    seen: set[tuple[str, object]] = set()
    for item in list_of(value, "`distinct`"):
        if isinstance(item, str | int | float | bool):
            mark = (name_of(item), item)
            if mark in seen:
                continue
            seen.add(mark)
        elif any(equal(item, other) for other in kept):
            continue
        kept.append(item)
    return kept


COLLECTION = {
    "length": Word(
        _length,
        doc="The number of characters, elements or entries; 0 for null.",
        example="{{ ['a', 'b'] | length }} → 2",
    ),
    "first": Word(
        lambda _, value: _end(value, 0, "first"),
        doc="The first element or character; null if there is none.",
        example="{{ [3, 1] | first }} → 3",
    ),
    "last": Word(
        lambda _, value: _end(value, -1, "last"),
        doc="The last element or character; null if there is none.",
        example="{{ [3, 1] | last }} → 1",
    ),
    "join": Word(
        _join,
        ("separator",),
        doc="The elements as one text, with `separator` between them.",
        example="{{ ['a', 'b'] | join(', ') }} → a, b",
    ),
    "slice": Word(
        _slice,
        ("fromIndex", "toIndex"),
        doc="The part from `fromIndex` to `toIndex`, which is not included.",
        example="{{ [1, 2, 3] | slice(1, 3) }} → [2,3]",
    ),
    "sort": Word(
        lambda _, value: _sort(value, "sort", descending=False),
        doc="The elements in ascending order.",
        example="{{ [3, 1, 2] | sort }} → [1,2,3]",
    ),
    "rsort": Word(
        lambda _, value: _sort(value, "rsort", descending=True),
        doc="The elements in descending order.",
        example="{{ [3, 1, 2] | rsort }} → [3,2,1]",
    ),
    "reverse": Word(
        _reverse, doc="The elements or characters in reverse order.", example="{{ [1, 2] | reverse }} → [2,1]"
    ),
    "merge": Word(
        _merge,
        ("items",),
        1,
        doc="Two maps joined, where the second wins, or two lists joined.",
        example="{{ {'a': 1} | merge({'b': 2}) }} → {\"a\":1,\"b\":2}",
    ),
    "chunk": Word(
        _chunk,
        ("size",),
        1,
        doc="Lists of `size` elements each; the last one may be shorter.",
        example="{{ [1, 2, 3] | chunk(2) }} → [[1,2],[3]]",
    ),
    "keys": Word(
        _keys,
        doc="The keys of a map, or the indexes of a list.",
        example="{{ {'a': 1, 'b': 2} | keys }} → [\"a\",\"b\"]",
    ),
    "values": Word(_values, doc="The values of a map.", example="{{ {'a': 1, 'b': 2} | values }} → [1,2]"),
    "flatten": Word(
        _flatten,
        doc="The list with the elements of its inner lists in their place, one level deep.",
        example="{{ [1, [2, 3]] | flatten }} → [1,2,3]",
    ),
    "distinct": Word(
        _distinct,
        doc="Each element once, in the place of its first occurrence.",
        example="{{ [1, 2, 1] | distinct }} → [1,2]",
    ),
}
