"""Filters on lists and maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.language.expression.budget import PER_ELEMENT, PER_ENTRY, PER_VALUE
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.frame import Frame
from contracts.language.expression.operator import found_in, name_of
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


def _join(frame: Frame, value: Any, separator: object = ABSENT) -> str | None:
    if value is None:
        return None
    mark = "" if separator is ABSENT or separator is None else text_of(separator, "`join`")
    items = list_of(value, "`join`")
    frame.budget.charge((PER_VALUE + PER_ELEMENT) * len(items))
    texts = [item if isinstance(item, str) else frame.text(item) for item in items]
    size = sum(map(len, texts)) + len(mark) * max(0, len(texts) - 1)
    frame.made(size)
    return mark.join(texts)


def _slice(frame: Frame, value: Any, start: object = ABSENT, end: object = ABSENT) -> Any:
    if value is None:
        return None
    if not isinstance(value, str | list | tuple):
        raise ExpressionError(f"`slice` needs a list or text, found {name_of(value)}")
    first = 0 if start is ABSENT else integer_of(start, "`slice`")
    last = len(value) if end is ABSENT else integer_of(end, "`slice`")
    if not 0 <= first <= len(value) or not first <= last <= len(value):
        raise ExpressionError(f"`slice({first}, {last})` is out of range: the length is {len(value)}")
    _charge_copy(frame, value)
    return value[first:last]


def _charge_copy(frame: Frame, value: str | Sequence[Any]) -> None:
    if isinstance(value, str):
        frame.budget.chars(value)
    else:
        frame.budget.charge(PER_ELEMENT * len(value))


def _sort(frame: Frame, value: Any, name: str, *, descending: bool) -> Any:
    if value is None:
        return None
    items = list_of(value, f"`{name}`")
    frame.budget.charge(3 * PER_ELEMENT * len(items))
    if any(isinstance(item, list | tuple) for item in items):
        frame.budget.walk(items)
    try:
        return sorted(items, reverse=descending)
    except TypeError as error:
        raise ExpressionError(f"`{name}`: the elements cannot be compared") from error


def _reverse(frame: Frame, value: Any) -> Any:
    if value is None:
        return None
    items = value if isinstance(value, str) else list_of(value, "`reverse`")
    _charge_copy(frame, items)
    return items[::-1]


def _merge(frame: Frame, value: Any, items: Any) -> Any:
    if isinstance(value, Mapping) and isinstance(items, Mapping):
        frame.budget.charge(PER_ENTRY * (len(value) + len(items)))
        return {**value, **items}
    if value is None:
        return items
    first, second = list_of(value, "`merge`"), list_of(items, "`merge`")
    frame.budget.charge(PER_ELEMENT * (len(first) + len(second)))
    return [*first, *second]


def _chunk(frame: Frame, value: Any, size: object) -> Any:
    if value is None:
        return None
    items, width = list_of(value, "`chunk`"), integer_of(size, "`chunk`")
    if width < 1:
        raise ExpressionError("`chunk` needs a size of at least 1")
    frame.budget.charge(PER_ELEMENT * len(items) + (PER_VALUE + PER_ELEMENT) * (len(items) // width + 1))
    return [items[at : at + width] for at in range(0, len(items), width)]


def _keys(frame: Frame, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, Mapping):
        frame.budget.charge(PER_ELEMENT * len(value))
        return list(value)
    length = len(list_of(value, "`keys`"))
    frame.budget.charge((PER_ELEMENT + PER_VALUE) * length)
    return list(range(length))


def _values(frame: Frame, value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise ExpressionError(f"`values` needs a map, found {name_of(value)}")
    frame.budget.charge(PER_ELEMENT * len(value))
    return list(value.values())


def _flatten(frame: Frame, value: Any) -> Any:
    if value is None:
        return None
    items = list_of(value, "`flatten`")
    length = sum(len(item) if isinstance(item, list | tuple) else 1 for item in items)
    frame.budget.charge(PER_ELEMENT * length)
    flat: list[Any] = []
    for item in items:
        flat.extend(item) if isinstance(item, list | tuple) else flat.append(item)
    return flat


def _distinct(frame: Frame, value: Any) -> Any:
    if value is None:
        return "null"
    kept: list[Any] = []
    seen: set[tuple[str, object]] = set()
    items = list_of(value, "`distinct`")
    frame.budget.charge((PER_ELEMENT + 2 * PER_ENTRY) * len(items))
    for item in items:
        if isinstance(item, str | int | float | bool):
            mark = (name_of(item), item)
            if mark in seen:
                continue
            seen.add(mark)
        elif found_in(kept, item, frame.budget):
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
        lambda frame, value: _sort(frame, value, "sort", descending=False),
        doc="The elements in ascending order.",
        example="{{ [3, 1, 2] | sort }} → [1,2,3]",
    ),
    "rsort": Word(
        lambda frame, value: _sort(frame, value, "rsort", descending=True),
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
