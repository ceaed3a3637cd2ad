"""The shape that all pages share."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def paged(results: list[Any], total: int) -> Json:
    return {"results": results, "total": total}
