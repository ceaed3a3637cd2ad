"""Filters, sorting and paging as SQL text and parameters. No value of a caller ever becomes SQL text.

``filter`` parses query strings into :class:`Leaf` and :class:`Group`; ``statement`` checks them against the resource.
This package must never know a connection.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from contracts.scalars import Millis

MAX_PAGE = 10_000


class Op(StrEnum):
    EQUALS = "EQUALS"
    NOT_EQUALS = "NOT_EQUALS"
    GREATER_THAN = "GREATER_THAN"
    LESS_THAN = "LESS_THAN"
    GREATER_THAN_OR_EQUAL_TO = "GREATER_THAN_OR_EQUAL_TO"
    LESS_THAN_OR_EQUAL_TO = "LESS_THAN_OR_EQUAL_TO"
    IN = "IN"
    NOT_IN = "NOT_IN"
    STARTS_WITH = "STARTS_WITH"
    ENDS_WITH = "ENDS_WITH"
    CONTAINS = "CONTAINS"
    REGEX = "REGEX"
    PREFIX = "PREFIX"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition. Several values under EQUALS mean IN; ``key`` is the map key of ``labels``."""

    field: str
    op: Op
    values: tuple[str, ...]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Children joined by ``logical``. Without children, an AND matches everything and an OR nothing."""

    logical: Literal["and", "or"]
    children: tuple[Filter, ...]


Filter: TypeAlias = Leaf | Group


@dataclass(frozen=True, slots=True)
class Sort:
    column: str
    descending: bool = False


DateFilter: TypeAlias = Literal[
    "START_DATE", "END_DATE", "START_OR_END_DATE", "NEXT_EXECUTION_DATE", "LAST_TRIGGERED_DATE"
]


@dataclass(frozen=True, slots=True)
class Query:
    now: Millis
    """``timeRange`` counts back from it."""
    where: Filter | None = None
    """None matches everything."""
    sort: tuple[Sort, ...] = ()
    """Empty means the resource's default order."""
    page: int = 1
    size: int = 10
    date_filter: DateFilter | None = None
    """The date to which ``startDate``, ``endDate`` and ``timeRange`` apply. None means the resource's default."""


class InvalidQuery(Exception):
    """The base class of a caller's mistakes. The text is for the caller."""


class InvalidFilter(InvalidQuery):
    def __init__(self, field: str, problem: str, allowed: tuple[str, ...] = ()) -> None:
        hint = f" (allowed: {', '.join(allowed)})" if allowed else ""
        super().__init__(f"filter `{field}`: {problem}{hint}")
        self.field = field
        self.allowed = allowed


class InvalidSort(InvalidQuery):
    def __init__(self, column: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"cannot sort by `{column}` (allowed: {', '.join(allowed)})")
        self.column = column
        self.allowed = allowed


class InvalidPage(InvalidQuery):
    """``page`` or ``size`` out of bounds."""


def parse_sort(text: str) -> Sort:
    """Read ``state.startDate:desc``; the direction is optional. The search checks later whether the column exists."""
    column, _, direction = text.partition(":")
    if not column or direction.lower() not in {"", "asc", "desc"}:
        raise InvalidSort(text, ("column:asc", "column:desc"))
    return Sort(column, direction.lower() == "desc")


def field_name(name: str) -> str:
    """``FLOW_ID`` and ``flowId`` are one field; ``QUERY`` is ``q`` and ``MIN_LEVEL`` is ``level``."""
    if not name.isupper():
        return _LEGACY_NAMES.get(name, name)
    head, *tail = name.lower().split("_")
    joined = head + "".join(part.capitalize() for part in tail)
    return _LEGACY_NAMES.get(joined, joined)


_LEGACY_NAMES = {
    "query": "q",
    "minLevel": "level",
    "label": "labels",
    "nextEvaluationDate": "nextExecutionDate",
}
