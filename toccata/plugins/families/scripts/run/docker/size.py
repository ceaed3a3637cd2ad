"""Sizes as flows write them. Pure."""

from __future__ import annotations

import re

_SIZE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*([kmgt]?)i?b?\s*", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def bytes_of(text: str) -> int:
    """Units are powers of 1024, as in Docker: ``512MB``, ``1.5g``, ``-1``. Raises ValueError."""
    found = _SIZE.fullmatch(text)
    if found is None:
        raise ValueError(f"`{text}` is not a size such as 512MB")
    return int(float(found[1]) * 1024 ** _POWERS[found[2].lower()])
