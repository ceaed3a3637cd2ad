"""What stands behind `is`: ``is even`` and the like (flow-language 9.6). ``defined`` is the compiler's, since it must not fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.operator import name_of


def is_empty(value: object) -> bool:
    """Null, blank text, an empty list or map."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, Mapping | list | tuple) and not value


def _parity(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value % 2
    raise ExpressionError(f"`even` and `odd` need an integer, found {name_of(value)}")


def is_json(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        orjson.loads(value)
    except orjson.JSONDecodeError:
        return False
    return True


CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "empty": is_empty,
    "even": lambda value: _parity(value) == 0,
    "odd": lambda value: _parity(value) == 1,
    "iterable": lambda value: isinstance(value, list | tuple),
    "map": lambda value: isinstance(value, Mapping),
    "json": is_json,
}
