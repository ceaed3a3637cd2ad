"""Single values of query strings and headers. Each raises Problem 400 with the parameter's name."""

from __future__ import annotations

from collections.abc import Iterable

from services.web.core.problem import bad_request

_MOST_DIGITS = 9


def flag(text: str | None, *, name: str, default: bool = False) -> bool:
    """``true`` or ``false``, in any case."""
    if text is None or not text:
        return default
    lowered = text.lower()
    if lowered not in {"true", "false"}:
        raise bad_request(f"`{name}` must be true or false")
    return lowered == "true"


def whole_numbers(texts: Iterable[str], *, name: str) -> list[int]:
    """Numbers that are given several times, or separated by commas."""
    parts = [part.strip() for text in texts for part in text.split(",")]
    found = [whole_number(part, name=name) for part in parts if part]
    return [number for number in found if number is not None]


def whole_number(text: str | None, *, name: str) -> int | None:
    """None if it is not given."""
    if text is None or not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        raise bad_request(f"`{name}` must be a number of at most {_MOST_DIGITS} digits")
    return int(text)
