"""``a.b``, ``a[b]`` and the methods of values that real templates call (docs/language/expressions.md#attributes).

Only keys of maps and indexes of sequences work. No attribute of a Python object can be reached.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from contracts.language.expression.text import to_text

MISSING = object()


def get(target: object, key: object) -> object:
    """Return the value, or MISSING."""
    if isinstance(target, Mapping):
        found = target.get(key, MISSING) if isinstance(key, str) else MISSING
        if found is MISSING and not isinstance(key, str):
            found = target.get(to_text(key), MISSING) if isinstance(key, int | float | bool) else MISSING
            if found is MISSING and isinstance(key, int | float):
                found = target.get(key, MISSING)
        return found
    if isinstance(target, list | tuple):
        index = _index(key)
        return target[index] if index is not None and 0 <= index < len(target) else MISSING
    return MISSING


def _index(key: object) -> int | None:
    if isinstance(key, int) and not isinstance(key, bool):
        return key
    if isinstance(key, str) and key.isdigit() and len(key) < 10:
        return int(key)
    return None


def _split(text: str, pattern: str) -> list[str]:
    parts = re.split(re.escape(pattern), text) if pattern else list(text)
    while parts and not parts[-1]:
        parts.pop()
    return parts


_OF_TEXT: Mapping[str, Callable[..., object]] = {
    "length": len,
    "isEmpty": lambda t: not t,
    "isBlank": lambda t: not t.strip(),
    "contains": lambda t, part: str(part) in t,
    "split": _split,
    "substring": lambda t, start, end=None: t[start:end],
    "replace": lambda t, old, new: t.replace(old, new),
    "trim": lambda t: t.strip(),
    "strip": lambda t: t.strip(),
    "toLowerCase": lambda t: t.lower(),
    "toUpperCase": lambda t: t.upper(),
    "startsWith": lambda t, part: t.startswith(part),
    "endsWith": lambda t, part: t.endswith(part),
    "indexOf": lambda t, part: t.find(part),
    "lastIndexOf": lambda t, part: t.rfind(part),
    "charAt": lambda t, at: t[at],
    "equals": lambda t, other: t == other,
    "toString": lambda t: t,
}
_OF_LIST: Mapping[str, Callable[..., object]] = {
    "size": len,
    "isEmpty": lambda items: not items,
    "contains": lambda items, item: item in items,
    "get": lambda items, at: items[at],
    "indexOf": lambda items, item: items.index(item) if item in items else -1,
}
_OF_MAP: Mapping[str, Callable[..., object]] = {
    "size": len,
    "isEmpty": lambda entries: not entries,
    "get": lambda entries, key: entries.get(key),
    "getOrDefault": lambda entries, key, other: entries.get(key, other),
    "containsKey": lambda entries, key: key in entries,
    "containsValue": lambda entries, value: value in entries.values(),
    "keySet": list,
    "values": lambda entries: list(entries.values()),
    "entrySet": lambda entries: [{"key": key, "value": value} for key, value in entries.items()],
}


def method(target: object, name: str) -> Callable[..., Any] | None:
    """Return the value's method of this name, or None if it has none."""
    if isinstance(target, str):
        return _OF_TEXT.get(name)
    if isinstance(target, Mapping):
        return _OF_MAP.get(name)
    if isinstance(target, Sequence):
        return _OF_LIST.get(name)
    return None
