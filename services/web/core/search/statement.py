"""Turns a query on a resource into the clauses of a statement. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from services.web.core.search.condition import Params
from services.web.core.search.query import (
    MAX_PAGE,
    Filter,
    InvalidFilter,
    InvalidPage,
    InvalidSort,
    Leaf,
    Query,
)
from services.web.core.search.resource import INTERVAL_FIELDS, Field, Resource, interval_field

_LAST_PAGE = 10**9
_NULLABLE = frozenset(
    {"ended_at", "next_at", "last_at", "trigger_id", "parent_id", "execution_id", "task_id"}
)
"""Columns that sort last when empty. Others get no NULLS LAST, because it would make a descending index useless."""


@dataclass(frozen=True, slots=True)
class Search:
    table: str
    where: str
    """A condition, or ``true`` if there is none."""
    order: str
    limit: int
    offset: int
    values: tuple[object, ...]
    """Of ``where``."""

    def rows(self, columns: str) -> str:
        return (
            f"SELECT {columns} FROM {self.table} WHERE {self.where} "  # noqa: S608 - of our own tables and numbers
            f"ORDER BY {self.order} LIMIT {self.limit} OFFSET {self.offset}"
        )

    def count(self) -> str:
        return f"SELECT count(*) FROM {self.table} WHERE {self.where}"  # noqa: S608 - of our own tables

    def distinct(self, column: str) -> str:
        return (
            f"SELECT DISTINCT {column}::text FROM {self.table} WHERE {self.where} AND {column} IS NOT NULL "  # noqa: S608 - of our own
            f"ORDER BY 1 LIMIT {self.limit}"
        )


def search(resource: Resource, query: Query, fixed: tuple[tuple[str, object], ...] = ()) -> Search:
    """``fixed``: further columns, chosen by us, and the values that they must equal. Raises InvalidQuery."""
    if not 1 <= query.page <= _LAST_PAGE or query.size < 1:
        raise InvalidPage("`page` and `size` count from 1")
    size = min(query.size, MAX_PAGE)
    params = Params()
    parts = [resource.always] if resource.always else []
    parts += [f"{column} = {params.add(value)}" for column, value in fixed]
    if query.where is not None:
        parts.append(_condition(resource, params, query.where, query))
    return Search(
        resource.table,
        " AND ".join(parts) or "true",
        _order(resource, query),
        size,
        (query.page - 1) * size,
        tuple(params.values),
    )


def _condition(resource: Resource, params: Params, part: Filter, query: Query) -> str:
    if isinstance(part, Leaf):
        return _leaf(resource, params, part, query)
    children = [_condition(resource, params, child, query) for child in part.children]
    if not children:
        return "true" if part.logical == "and" else "false"
    joined = f" {part.logical.upper()} ".join(children)
    return f"({joined})" if len(children) > 1 else joined


def _leaf(resource: Resource, params: Params, leaf: Leaf, query: Query) -> str:
    field = _field(resource, leaf, query)
    if leaf.op not in field.ops:
        raise InvalidFilter(leaf.field, f"does not take {leaf.op.value}", tuple(op.value for op in field.ops))
    if leaf.key is not None and leaf.field != "labels":
        raise InvalidFilter(leaf.field, f"takes no key, but has `{leaf.key[:40]}`")
    if not leaf.values:
        raise InvalidFilter(leaf.field, "needs a value")
    if any("\x00" in value for value in (*leaf.values, leaf.key or "")):
        raise InvalidFilter(leaf.field, "contains the character NUL")
    return field.condition(params, leaf, query)


def _field(resource: Resource, leaf: Leaf, query: Query) -> Field:
    if resource.dates is not None and leaf.field in INTERVAL_FIELDS:
        columns = next(iter(resource.dates.values()))
        if query.date_filter is not None:
            if query.date_filter not in resource.dates:
                raise InvalidFilter("dateFilter", f"does not fit a {resource.name}", tuple(resource.dates))
            columns = resource.dates[query.date_filter]
        return interval_field(leaf.field, columns)
    field = resource.fields.get(leaf.field)
    if field is None:
        intervals = INTERVAL_FIELDS if resource.dates is not None else ()
        allowed = (*resource.fields, *intervals)
        raise InvalidFilter(leaf.field, f"does not exist for a {resource.name}", allowed)
    return field


def _order(resource: Resource, query: Query) -> str:
    terms = []
    for sort in query.sort:
        column = resource.sorts.get(sort.column)
        if column is None:
            raise InvalidSort(sort.column, tuple(resource.sorts))
        last = " NULLS LAST" if column in _NULLABLE else ""
        terms.append(f"{column} DESC{last}" if sort.descending else column)
    return ", ".join([*(terms or [resource.order]), resource.tie])
