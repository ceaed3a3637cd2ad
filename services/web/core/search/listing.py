"""Searches among entries that web holds itself: values and files of namespaces, secrets. The same queries as for tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from contracts.scalars import Millis, to_millis
from services.web.core.instant import parse_instant
from services.web.core.search.query import (
    MAX_PAGE,
    Filter,
    InvalidFilter,
    InvalidSort,
    Leaf,
    Op,
    Query,
)

Entry = TypeVar("Entry")
TEXT_OPS = (
    Op.EQUALS, Op.NOT_EQUALS, Op.IN, Op.NOT_IN, Op.STARTS_WITH, Op.ENDS_WITH, Op.CONTAINS, Op.PREFIX,
)  # fmt: skip
DATE_OPS = (
    Op.EQUALS, Op.NOT_EQUALS, Op.GREATER_THAN, Op.LESS_THAN, Op.GREATER_THAN_OR_EQUAL_TO, Op.LESS_THAN_OR_EQUAL_TO,
)  # fmt: skip
TEXT_SEARCH_OPS = (Op.EQUALS, Op.NOT_EQUALS)


@dataclass(frozen=True, slots=True)
class Column(Generic[Entry]):
    """One field of entries. Its operators say whether it is a text, an instant, or a search in several texts."""

    ops: tuple[Op, ...]
    of: Callable[[Entry], object]


@dataclass(frozen=True, slots=True)
class Listing(Generic[Entry]):
    """What entries of a kind can be searched and sorted by."""

    name: str
    fields: Mapping[str, Column[Entry]]
    sorts: Mapping[str, Callable[[Entry], object]]
    order: str
    dates: None = None


def text(of: Callable[[Entry], str]) -> Column[Entry]:
    return Column(TEXT_OPS, of)


def date(of: Callable[[Entry], Millis | None]) -> Column[Entry]:
    return Column(DATE_OPS, of)


def anywhere(of: Callable[[Entry], str]) -> Column[Entry]:
    """A search in any case."""
    return Column(TEXT_SEARCH_OPS, lambda entry: of(entry).lower())


def search(listing: Listing[Entry], query: Query, entries: Sequence[Entry]) -> tuple[list[Entry], int]:
    """Return the page, and the number of all matches. Raise InvalidQuery."""
    wanted = None if query.where is None else _condition(listing, query.where)
    found = [entry for entry in entries if wanted is None or wanted(entry)]
    for column, descending in _order(listing, query):
        _sort(found, listing.sorts[column], descending=descending)
    size = min(query.size, MAX_PAGE)
    first = (query.page - 1) * size
    return found[first : first + size], len(found)


def _order(listing: Listing[Entry], query: Query) -> list[tuple[str, bool]]:
    """Columns and whether they descend, the last one first, because sorting is stable."""
    for sort in query.sort:
        if sort.column not in listing.sorts:
            raise InvalidSort(sort.column, tuple(listing.sorts))
    given = [(sort.column, sort.descending) for sort in reversed(query.sort)]
    return given or [(listing.order, False)]


def _sort(found: list[Entry], of: Callable[[Entry], object], *, descending: bool) -> None:
    """What is not there comes last, whatever the order."""
    there = [entry for entry in found if of(entry) is not None]
    missing = [entry for entry in found if of(entry) is None]
    there.sort(key=of, reverse=descending)  # type: ignore[arg-type]
    found[:] = there + missing


def _condition(listing: Listing[Entry], part: Filter) -> Callable[[Entry], bool]:
    if isinstance(part, Leaf):
        return _leaf(listing, part)
    children = [_condition(listing, child) for child in part.children]
    holds = all if part.logical == "and" else any
    return lambda entry: holds(child(entry) for child in children)


def _leaf(listing: Listing[Entry], leaf: Leaf) -> Callable[[Entry], bool]:
    column = listing.fields.get(leaf.field)
    if column is None:
        raise InvalidFilter(leaf.field, f"does not exist for a {listing.name}", tuple(listing.fields))
    if leaf.op not in column.ops:
        raise InvalidFilter(
            leaf.field, f"does not take {leaf.op.value}", tuple(op.value for op in column.ops)
        )
    if not leaf.values:
        raise InvalidFilter(leaf.field, "needs a value")
    if column.ops is DATE_OPS:
        return _by_date(column, leaf)
    if column.ops is TEXT_SEARCH_OPS:
        texts = [value.lower() for value in leaf.values]
        return lambda entry: any(each in str(column.of(entry)) for each in texts) is (leaf.op is Op.EQUALS)
    return _by_text(column, leaf)


def _by_text(column: Column[Entry], leaf: Leaf) -> Callable[[Entry], bool]:
    values = leaf.values
    match leaf.op:
        case Op.EQUALS | Op.IN:
            return lambda entry: column.of(entry) in values
        case Op.NOT_EQUALS | Op.NOT_IN:
            return lambda entry: column.of(entry) not in values
        case Op.STARTS_WITH:
            return lambda entry: str(column.of(entry)).startswith(values)
        case Op.ENDS_WITH:
            return lambda entry: str(column.of(entry)).endswith(values)
        case Op.CONTAINS:
            return lambda entry: any(value in str(column.of(entry)) for value in values)
        case _:
            return lambda entry: any(f"{column.of(entry)}.".startswith(f"{value}.") for value in values)


def _by_date(column: Column[Entry], leaf: Leaf) -> Callable[[Entry], bool]:
    moment = parse_instant(leaf.values[0])
    if moment is None:
        raise InvalidFilter(leaf.field, f"is no instant: {leaf.values[0][:40]}")
    at = to_millis(moment)
    compare: Mapping[Op, Callable[[int], bool]] = {
        Op.EQUALS: lambda value: value == at,
        Op.NOT_EQUALS: lambda value: value != at,
        Op.GREATER_THAN: lambda value: value > at,
        Op.LESS_THAN: lambda value: value < at,
        Op.GREATER_THAN_OR_EQUAL_TO: lambda value: value >= at,
        Op.LESS_THAN_OR_EQUAL_TO: lambda value: value <= at,
    }
    holds = compare[leaf.op]
    return lambda entry: isinstance(value := column.of(entry), int) and holds(value)
