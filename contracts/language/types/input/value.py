"""How a given value is read: as text, as JSON, as a list."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from contracts.json_text import NotJson, decimal_text, dumps, loads
from contracts.language.expression.text import float_text
from contracts.nesting import MOST_VALUE_LEVELS, is_deeper


def text_of(value: object) -> str:
    """Print as Java does: booleans in lower case, maps and lists as JSON. Raise ValueError if that fails."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list, tuple)):
        try:
            return dumps(value).decode()
        except TypeError as error:
            raise ValueError(f"the value cannot be written as JSON: {error}") from None
    if isinstance(value, Decimal):
        return decimal_text(value)
    return float_text(value) if isinstance(value, float) else str(value)


def json_of(value: object, what: str = "JSON") -> object:
    """A text is read as JSON, and everything else is a value already. Raises ValueError."""
    if not isinstance(value, str):
        return value
    try:
        read = loads(value)
    except NotJson as error:
        raise ValueError(f"invalid {what}: {error}") from None
    if is_deeper(value.encode(), MOST_VALUE_LEVELS):
        raise ValueError(f"the value is nested deeper than {MOST_VALUE_LEVELS} levels")
    return read


def list_of(value: object, what: str) -> Sequence[object]:
    """A list, or the text of a JSON array. Raises ValueError."""
    read = json_of(value, what)
    if not isinstance(read, (list, tuple)):
        raise ValueError(f"expected a list or the text of a JSON array, but received `{text_of(read)}`")  # noqa: TRY004 - one kind of refusal
    return read
