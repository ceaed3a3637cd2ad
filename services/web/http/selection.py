"""Reads the selections of by-query routes, and refuses those that may be mistakes."""

from __future__ import annotations

from collections.abc import Collection

from fastapi import Request

from services.web.core.problem import bad_request
from services.web.core.search.filter import FLAT, parse_query
from services.web.core.search.query import Query
from services.web.http.parts import query_items
from toccata.runtime.clock import now_ms

MOST = 10_000
"""A by-query call is refused if more than this many match."""


def selection(
    request: Request,
    *,
    besides: Collection[str] = (),
    written: Collection[tuple[str, str]] = (),
    may_be_all: bool = False,
) -> Query:
    """``besides`` are parameters of the route itself, ``written`` are filters from its body. Raises Problem for other unknown
    names, because a misspelt filter would select everything."""
    items = [*(item for item in query_items(request) if item[0] not in besides), *written]
    for name, _ in items:
        if not name.startswith("filters[") and name not in FLAT and not (may_be_all and name == "sort"):
            raise bad_request(f"unknown parameter `{name[:40]}`: it is not a filter")
    query = parse_query([*items, ("size", str(MOST))], now_ms())
    if query.where is None and not may_be_all:
        raise bad_request("the selection is empty: give at least one filter")
    return query


def check_size(total: int) -> None:
    """Raises Problem if the selection is too large."""
    if total > MOST:
        raise bad_request(f"{total} match, but only {MOST} are allowed at once: give narrower filters")
