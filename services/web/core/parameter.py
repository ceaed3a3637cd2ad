"""Single values of query strings and headers. Each raises Problem 400 with the parameter's name."""

from __future__ import annotations

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


def whole_number(text: str | None, *, name: str) -> int | None:
    """None if it is not given."""
    if text is None or not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        raise bad_request(f"`{name}` must be a number of at most {_MOST_DIGITS} digits")
    return int(text)
