"""Reads which triggers a request is about: one in its body, a list of them, or a query."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from fastapi import Request

from services.web.core.problem import invalid_argument
from services.web.http.body import json_list
from services.web.http.parts import parts_of
from services.web.http.selection import check_size, selection
from services.web.shell.triggers import Key


def key_in(body: Any) -> Key:
    """Only the three ids are read, so the bodies of both generations fit."""
    if not isinstance(body, dict):
        raise invalid_argument("expected an object with namespace, flowId and triggerId")
    values = [body.get(name) for name in ("namespace", "flowId", "triggerId")]
    if not all(isinstance(value, str) and value for value in values):
        raise invalid_argument("`namespace`, `flowId` and `triggerId` are required")
    return str(values[0]), str(values[1]), str(values[2])


async def listed_keys(request: Request) -> list[Key]:
    items = await json_list(request, lambda item: isinstance(item, dict), "objects with the ids of triggers")
    return [key_in(item) for item in items]


async def selected_keys(
    request: Request, *, besides: Collection[str] = (), written: Collection[tuple[str, str]] = ()
) -> list[Key]:
    """``written`` are filters from the body. Raises Problem if nothing selects."""
    wanted = selection(request, besides=besides, written=written)
    rows, total = await parts_of(request).rows.search_triggers(wanted)
    check_size(total)
    return [(row.namespace, row.flow_id, row.trigger_id) for row in rows]
