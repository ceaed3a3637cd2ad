"""Turns values into text, as templates print them (docs/language/expressions.md#rendering)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import orjson

from contracts.language.expression.budget import PER_ELEMENT, PER_ENTRY, PER_VALUE, Budget
from contracts.language.expression.errors import ExpressionError

_LARGE, _SMALL = 1e7, 1e-3


def to_text(value: object, budget: Budget) -> str:
    """Null prints as empty text. Maps and lists print as compact JSON, without null entries of maps."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, dict | list | tuple):
        return to_json(value, budget)
    return scalar_text(value)


def scalar_text(value: object) -> str:
    """Print dates, durations and decimals. A date-time prints its seconds only if they are not zero."""
    if isinstance(value, datetime):
        return _datetime_text(value)
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M") if not value.second and not value.microsecond else value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    raise ExpressionError(f"A value of type {type(value).__name__} cannot be printed")


def float_text(value: float) -> str:
    """Print as Java prints doubles: ``1.0``, ``1.0E10``."""
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - not a number
        return "NaN" if value != value else ("Infinity" if value > 0 else "-Infinity")  # noqa: PLR0124
    if value == 0 or _SMALL <= abs(value) < _LARGE:
        return repr(value)
    mantissa, _, exponent = f"{Decimal(repr(value)):E}".partition("E")
    if "." not in mantissa:
        mantissa += ".0"
    mantissa = mantissa.rstrip("0") if not mantissa.endswith(".0") else mantissa
    return f"{mantissa}{'0' if mantissa.endswith('.') else ''}E{int(exponent)}"


def duration_text(value: timedelta) -> str:
    """Print in ISO 8601 with hours as the largest unit, as Java's Duration prints."""
    seconds = value.total_seconds()
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = f"{sign}{int(hours)}H" * bool(hours) + f"{sign}{int(minutes)}M" * bool(minutes)
    if rest or not parts:
        parts += f"{sign}{rest:.6f}".rstrip("0").rstrip(".") + "S"
    return "PT" + parts


def to_json(value: object, budget: Budget) -> str:
    """Return compact JSON. Null entries of maps are dropped, but nulls in lists stay. Durations are decimal seconds."""
    before = budget.left
    plain = _plain(value, budget)
    # Of what was charged, the texts and values below are about a half. The JSON needs that again, and as bytes.
    budget.charge(before - budget.left)
    try:
        return orjson.dumps(plain, default=_json_default, option=orjson.OPT_NON_STR_KEYS).decode()
    except (TypeError, RecursionError) as error:
        raise ExpressionError(f"The value cannot be written as JSON: {error}") from error


def _plain(value: Any, budget: Budget) -> object:
    """Copy a value as JSON has it. Charge each list and map before it is copied, and the texts for the JSON."""
    kind = type(value)
    if kind is str:
        budget.left -= 2 * len(value)
        return value
    if kind is dict:
        budget.charge(PER_VALUE + PER_ENTRY * len(value))
        return _plain_map(value, budget)
    if kind is list or isinstance(value, list | tuple):
        budget.charge(PER_VALUE + 2 * PER_ELEMENT * len(value))
        return [_plain(item, budget) for item in value]
    if isinstance(value, int):
        return value if kind is bool or abs(value) < 2**63 else orjson.Fragment(str(value).encode())
    if isinstance(value, dict):
        return _plain(dict(value), budget)
    return _datetime_text(value) if isinstance(value, datetime) else value


def _plain_map(value: dict[object, object], budget: Budget) -> dict[object, object]:
    copied: dict[object, object] = {}
    for key, item in value.items():
        if item is not None:
            if type(key) is str:
                budget.left -= 2 * len(key)
            copied[key] = _plain(item, budget)
    return copied


def _json_default(value: Any) -> object:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f").encode())
    raise TypeError(f"type {type(value).__name__}")


def _datetime_text(value: datetime) -> str:
    text = value.strftime("%Y-%m-%dT%H:%M")
    if value.second or value.microsecond:
        text += value.strftime(":%S")
    if value.microsecond:
        fraction = f"{value.microsecond:06d}"
        text += "." + (fraction[:3] if fraction.endswith("000") else fraction)
    offset = value.utcoffset()
    if offset is None:
        return text
    if not offset:
        return text + "Z"
    total = int(offset.total_seconds()) // 60
    sign = "-" if total < 0 else "+"
    return f"{text}{sign}{abs(total) // 60:02d}:{abs(total) % 60:02d}"
