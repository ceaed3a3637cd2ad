"""Values of the KV store: their kinds, and how texts become values (docs/language/values.md)."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import Any, NoReturn, get_args

from contracts.language.types.duration import format_duration, parse_duration
from contracts.namespace import ValueKind
from contracts.nesting import MOST_VALUE_LEVELS, is_deeper

KEY = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]*")
KINDS: tuple[ValueKind, ...] = get_args(ValueKind)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*")
_DURATION = re.compile(r"[-+]?P[-+T\dA-Z.,]+")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_JSON_BEGINS = ("{", "[", '"')


class BadValue(ValueError):
    """The text is for the author of the value."""


def check_key(key: str) -> str:
    """Return the key. Raise BadValue if it cannot be one."""
    if not KEY.fullmatch(key):
        raise BadValue(
            "Key must start with an alphanumeric character (uppercase or lowercase) and can contain alphanumeric characters "
            "(uppercase or lowercase), dots (.), underscores (_), and hyphens (-) only."
        )
    return key


def kind_of(value: Any) -> ValueKind:
    """Return the kind of a value that an expression gave."""
    if isinstance(value, bool):
        return "BOOLEAN"
    if isinstance(value, int | float):
        return "NUMBER"
    return "STRING" if isinstance(value, str) else "JSON"


def literal(text: str) -> tuple[ValueKind, str]:
    """Read a text as Kestra's API does, and return kind and JSON: a JSON value, a day, an instant, a duration. Else it is a text."""
    plain = text.strip()
    if plain.startswith(_JSON_BEGINS):
        value = _json(plain)
        if isinstance(value, str) and _DURATION.fullmatch(value):
            return literal(value)
        if value is not None:
            return ("STRING" if isinstance(value, str) else "JSON"), _canonical(plain, value)
        return "STRING", _dumps(text)
    if plain in {"true", "false"}:
        return "BOOLEAN", plain
    if plain == "null":
        return "JSON", plain
    if _NUMBER.fullmatch(plain):
        return "NUMBER", plain
    for kind, pattern in (("DATE", _DATE), ("DATETIME", _DATETIME), ("DURATION", _DURATION)):
        if pattern.fullmatch(plain):
            try:
                return kind, converted(plain, kind)  # type: ignore[return-value, arg-type]
            except BadValue:
                break
    return "STRING", _dumps(text)


def converted(value: Any, kind: ValueKind) -> str:
    """Return a value as JSON of this kind. Raise BadValue if it does not fit."""
    match kind:
        case "STRING":
            return _dumps(value if isinstance(value, str) else _dumps(value))
        case "NUMBER":
            return _number(value)
        case "BOOLEAN":
            return _boolean(value)
        case "DATETIME":
            return _dumps(_instant(value))
        case "DATE":
            return _dumps(_day(value))
        case "DURATION":
            return _dumps(_duration(value))
        case "JSON":
            return _structure(value)


def natural(value: Any) -> tuple[ValueKind, str]:
    """Return kind and JSON of a value that keeps its own type. Dates and durations print as texts in expressions."""
    kind = kind_of(value)
    return kind, _dumps(value)


def _number(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _dumps(value)
    text = str(value).strip()
    if not _NUMBER.fullmatch(text):
        raise _misfit(value, "NUMBER", "such as 42 or 3.14")
    return text


def _boolean(value: Any) -> str:
    text = str(value).strip().lower()
    if text not in {"true", "false"}:
        raise _misfit(value, "BOOLEAN", "true or false")
    return text


def _instant(value: Any) -> str:
    text = str(value).strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _misfit(value, "DATETIME", "an instant such as 2024-05-01T10:00:00Z")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _day(value: Any) -> str:
    text = str(value).strip()
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text).astimezone(UTC).date().isoformat()
    except ValueError:
        raise _misfit(value, "DATE", "a day such as 2024-05-01") from None


def _duration(value: Any) -> str:
    try:
        return format_duration(parse_duration(str(value).strip()))
    except ValueError:
        raise _misfit(value, "DURATION", "an ISO 8601 duration such as PT5M") from None


def _structure(value: Any) -> str:
    if not isinstance(value, str):
        return _dumps(value)
    parsed = _json(value.strip())
    if parsed is None and value.strip() != "null":
        raise _misfit(value, "JSON", "JSON")
    return _canonical(value.strip(), parsed)


def _misfit(value: Any, kind: ValueKind, expected: str) -> BadValue:
    return BadValue(f"`{str(value)[:100]}` is no {kind}: expected {expected}")


def loaded(text: str) -> Any:
    """Return the value of JSON that was stored. Integers keep all their digits."""
    return json.loads(text)


def _json(text: str) -> Any:
    """Return the value, or None if the text is not JSON. Raise BadValue if it is nested too deeply."""
    if is_deeper(text.encode("utf-8", "surrogatepass"), MOST_VALUE_LEVELS):
        raise BadValue(f"the value is nested deeper than {MOST_VALUE_LEVELS} levels")
    try:
        return json.loads(text, parse_constant=_refuse)
    except ValueError:
        return None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _canonical(text: str, value: Any) -> str:
    """Keep the author's text, because reading and writing it again could lose digits. A string is written anew."""
    return _dumps(value) if isinstance(value, str) else text


def _dumps(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise BadValue(f"the value cannot be written as JSON: {error}") from None
