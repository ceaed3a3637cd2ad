"""Reads a request for a new API token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from contracts.scalars import Millis
from services.web.core.problem import invalid_argument

USUAL_DAYS, MOST_DAYS = 90, 3_650
_LONGEST_NAME = 100
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Wanted:
    name: str
    scope: Literal["full", "read"]
    until: Millis | None


def wanted_token(body: dict[str, Any], now: Millis) -> Wanted:
    """Raises Problem 422. Without a number of days the token lasts 90; with null it does not expire."""
    name, scope = body.get("name"), body.get("scope", "full")
    days = body.get("expiresInDays", USUAL_DAYS)
    if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise invalid_argument(f"`name` must have 1 to {_LONGEST_NAME} printable characters")
    if scope not in ("full", "read"):
        raise invalid_argument("`scope` must be `full` or `read`")
    if days is not None and (
        isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MOST_DAYS
    ):
        raise invalid_argument(f"`expiresInDays` must be a whole number from 1 to {MOST_DAYS}, or null")
    return Wanted(name.strip(), scope, None if days is None else now + days * _DAY_MS)
