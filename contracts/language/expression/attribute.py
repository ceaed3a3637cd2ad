"""``a.b``, ``a[b]`` and the methods of values that real templates call (docs/language/expressions.md#attributes).

Only keys of maps and indexes of sequences work. No attribute of a Python object can be reached.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from contracts.language.expression.budget import PER_ELEMENT, PER_ENTRY, PER_VALUE, Budget
from contracts.language.expression.pattern import bounded_length
from contracts.language.expression.text import float_text, to_text

MISSING = object()
_SLOW_SEARCH = 10_000_000
"""Comparisons of characters, about 10 ms."""


def get(target: object, key: object) -> object:
    """Return the value, or MISSING."""
    if isinstance(target, Mapping):
        found = target.get(key, MISSING) if isinstance(key, str) else MISSING
        if found is MISSING and not isinstance(key, str):
            found = target.get(_key_text(key), MISSING) if isinstance(key, int | float) else MISSING
            if found is MISSING and isinstance(key, int | float):
                found = target.get(key, MISSING)
        return found
    if isinstance(target, list | tuple):
        index = _index(key)
        return target[index] if index is not None and 0 <= index < len(target) else MISSING
    return MISSING


def _key_text(key: float) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return float_text(key) if isinstance(key, float) else str(key)


def _index(key: object) -> int | None:
    if isinstance(key, int) and not isinstance(key, bool):
        return key
    if isinstance(key, str) and key.isdigit() and len(key) < 10:
        return int(key)
    return None


def _split(budget: Budget, text: str, pattern: str) -> list[str]:
    parts = text.count(pattern) + 1
    budget.charge(parts * (PER_VALUE + PER_ELEMENT))
    budget.chars(text)
    found = text.split(pattern) if pattern else list(text)
    while found and not found[-1]:
        found.pop()
    return found


def last_index(budget: Budget, text: str, part: str) -> int:
    """Return where the last occurrence begins, or -1. Python's ``rfind`` takes the product of both lengths."""
    if not isinstance(part, str) or len(part) * len(text) < _SLOW_SEARCH:
        return text.rfind(part)
    budget.chars(text)
    budget.chars(part)
    found = text[::-1].find(part[::-1])
    return -1 if found < 0 else len(text) - found - len(part)


def replaced(budget: Budget, text: str, old: str, new: str) -> str:
    growth = len(new) - len(old)
    size = len(text) + (text.count(old) * growth if growth > 0 else 0)
    bounded_length(size)
    budget.charge((1 if text.isascii() and new.isascii() else 4) * size + PER_VALUE)
    return text.replace(old, new)


def _copied(change: Callable[..., str], factor: int = 1) -> Callable[..., str]:
    """Return a method whose result is at most ``factor`` times as long as the text."""

    def run(budget: Budget, text: str, *arguments: Any) -> str:
        budget.chars(text, factor)
        return change(text, *arguments)

    return run


def _position(budget: Budget, items: Sequence[Any], item: object) -> int:
    budget.walk(items)
    return items.index(item) if item in items else -1


def _contained(budget: Budget, items: Collection[Any], item: object) -> bool:
    # Python compares lists and maps as deep as they are, and cannot be interrupted there.
    if isinstance(item, list | tuple | Mapping):
        budget.walk(list(items))
    return item in items


def _entries(budget: Budget, entries: Mapping[Any, Any]) -> list[dict[str, Any]]:
    budget.charge(2 * PER_ENTRY * len(entries))
    return [{"key": key, "value": value} for key, value in entries.items()]


def _listed(values: Callable[[Mapping[Any, Any]], Iterable[Any]]) -> Callable[..., list[Any]]:
    def run(budget: Budget, entries: Mapping[Any, Any]) -> list[Any]:
        budget.charge(PER_ELEMENT * len(entries))
        return list(values(entries))

    return run


_OF_TEXT: Mapping[str, Callable[..., object]] = {
    "length": lambda _, t: len(t),
    "isEmpty": lambda _, t: not t,
    "isBlank": lambda _, t: not t or t.isspace(),
    "contains": lambda budget, t, part: (part if isinstance(part, str) else to_text(part, budget)) in t,
    "split": _split,
    "substring": _copied(lambda t, start, end=None: t[start:end]),
    "replace": replaced,
    "trim": _copied(str.strip),
    "strip": _copied(str.strip),
    "toLowerCase": _copied(str.lower, 3),
    "toUpperCase": _copied(str.upper, 3),
    "startsWith": lambda _, t, part: t.startswith(part),
    "endsWith": lambda _, t, part: t.endswith(part),
    "indexOf": lambda _, t, part: t.find(part),
    "lastIndexOf": last_index,
    "charAt": lambda _, t, at: t[at],
    "equals": lambda _, t, other: isinstance(other, str) and t == other,
    "toString": lambda _, t: t,
}
_OF_LIST: Mapping[str, Callable[..., object]] = {
    "size": lambda _, items: len(items),
    "isEmpty": lambda _, items: not items,
    "contains": _contained,
    "get": lambda _, items, at: items[at],
    "indexOf": _position,
}
_OF_MAP: Mapping[str, Callable[..., object]] = {
    "size": lambda _, entries: len(entries),
    "isEmpty": lambda _, entries: not entries,
    "get": lambda _, entries, key: entries.get(key),
    "getOrDefault": lambda _, entries, key, other: entries.get(key, other),
    "containsKey": lambda _, entries, key: key in entries,
    "containsValue": lambda budget, entries, value: _contained(budget, entries.values(), value),
    "keySet": _listed(list),
    "values": _listed(lambda entries: entries.values()),
    "entrySet": _entries,
}
METHODS = {"text": _OF_TEXT, "list": _OF_LIST, "map": _OF_MAP}
"""All methods. Each takes the budget, the value and the arguments."""


def method(target: object, name: str) -> Callable[..., Any] | None:
    """Return the value's method of this name, which takes the budget first. Return None if it has none."""
    if isinstance(target, str):
        return _OF_TEXT.get(name)
    if isinstance(target, Mapping):
        return _OF_MAP.get(name)
    if isinstance(target, Sequence):
        return _OF_LIST.get(name)
    return None
