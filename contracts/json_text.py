"""Reads and writes JSON whose numbers keep every digit: integers of any size, and decimals that a double cannot hold.

``orjson`` is fast, but rounds both. Only a text with a long run of digits takes the slower way."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

_LONG = re.compile(r"[0-9][0-9.]{15}")
_LONG_BYTES = re.compile(rb"[0-9][0-9.]{15}")
_CERTAIN = 16
"""A decimal number of so many characters is read without loss."""
MOST_DIGITS = 4_000
"""Of one number."""


class NotJson(ValueError):
    """The text is not JSON. The message says where."""


def loads(text: str | bytes) -> Any:
    """Return the value. A number that a double cannot hold becomes a Decimal. Raise NotJson."""
    try:
        found = _LONG.search(text) if isinstance(text, str) else _LONG_BYTES.search(text)
        if found is None:
            return orjson.loads(text)
        orjson.loads(text)  # Python's reader accepts more than JSON, and recurses without a bound.
        return json.loads(text, parse_float=number, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from error


def number(text: str) -> float | Decimal:
    """Return the double of a decimal number, or a Decimal if the double is another number."""
    near = float(text)
    if len(text) <= _CERTAIN:
        return near
    try:
        exact = Decimal(text)
        return near if exact == Decimal(repr(near)) else exact
    except InvalidOperation:
        return near


def _integer(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError(f"a number has more than {MOST_DIGITS} digits")
    return int(text)


def dumps(value: Any) -> bytes:
    """Return compact JSON. Raise TypeError for what JSON does not have."""
    try:
        return orjson.dumps(value, default=_exact)
    except TypeError:
        return orjson.dumps(_with_fragments(value), default=_exact)


def _exact(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(decimal_text(value).encode())
    raise TypeError(f"type {type(value).__name__}")


def decimal_text(value: Decimal) -> str:
    """Return the number as JSON has it."""
    return format(value, "f") if -MOST_DIGITS < value.adjusted() < MOST_DIGITS else str(value)


def _with_fragments(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_fragments(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_with_fragments(each) for each in value]
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**64:
        return orjson.Fragment(str(value).encode())
    return value
