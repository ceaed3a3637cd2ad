"""Turns query strings into filter trees, sorting and paging. ``statement`` checks what a resource accepts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, TypeAlias, get_args
from urllib.parse import unquote

from contracts.scalars import Millis
from services.web.core.search.query import (
    DateFilter,
    Filter,
    Group,
    InvalidFilter,
    InvalidPage,
    Leaf,
    Op,
    Query,
    Sort,
    field_name,
    parse_sort,
)

Items: TypeAlias = Iterable[tuple[str, str]]
"""Decoded pairs of a query string, in order and with repeats."""
_Entry: TypeAlias = tuple[list[str], str]

MAX_CONDITIONS = 200
MAX_DEPTH = 8
_KEY = re.compile(r"filters((?:\[[^\[\]]*\])+)")
_TOKEN = re.compile(r"\[([^\[\]]*)\]")
_LISTS = frozenset({Op.IN, Op.NOT_IN})

FLAT: dict[str, Op] = {
    "q": Op.EQUALS,
    "namespace": Op.PREFIX,
    "flowId": Op.EQUALS,
    "scope": Op.EQUALS,
    "state": Op.IN,
    "labels": Op.EQUALS,
    "timeRange": Op.EQUALS,
    "startDate": Op.GREATER_THAN_OR_EQUAL_TO,
    "endDate": Op.LESS_THAN_OR_EQUAL_TO,
    "childFilter": Op.EQUALS,
    "triggerExecutionId": Op.EQUALS,
    "minLevel": Op.EQUALS,
    "level": Op.EQUALS,
    "triggerId": Op.EQUALS,
    "workerId": Op.EQUALS,
}
"""Parameters of 1.x and before, each with its operator. ``namespace`` includes the namespaces below it."""


def parse_query(items: Items, now: Millis, *, extra: Filter | None = None) -> Query:
    """The search that a query string asks for, ANDed with ``extra``. Raises InvalidQuery."""
    nested: list[_Entry] = []
    flat: dict[str, list[str]] = {}
    sort: list[Sort] = []
    page, size = 1, 10
    date_filter: DateFilter | None = None
    for name, value in items:
        found = _KEY.fullmatch(name)
        if found is not None:
            nested.append((_TOKEN.findall(found[1]), value))
        elif name == "sort":
            sort += [parse_sort(part) for part in value.split(",")]
        elif name == "page":
            page = _count(name, value)
        elif name == "size":
            size = _count(name, value)
        elif name == "dateFilter":
            date_filter = _date_filter(value)
        elif name in FLAT and value:
            flat.setdefault(name, []).append(value)
    if len(nested) > MAX_CONDITIONS:
        raise InvalidFilter("filters", f"more than {MAX_CONDITIONS} conditions")
    children = _build(nested, 0) + [leaf for name, values in flat.items() for leaf in _flat(name, values)]
    _check_span(children)
    if extra is not None:
        children.append(extra)
    return Query(now, _all_of(children), tuple(sort), page, size, date_filter)


def _check_span(children: Iterable[Filter]) -> None:
    """A range that counts back from now says where the span begins, so a date cannot say it too."""
    fields = {each.field for each in children if isinstance(each, Leaf)}
    if {"startDate", "timeRange"} <= fields:
        raise InvalidFilter("timeRange", "`startDate` and `timeRange` are mutually exclusive")


def _build(entries: list[_Entry], depth: int) -> list[Filter]:
    if depth > MAX_DEPTH:
        raise InvalidFilter("filters", f"nested more than {MAX_DEPTH} levels deep")
    leaves: dict[tuple[str, Op, str | None], list[str]] = {}
    groups: dict[Literal["and", "or"], dict[str, list[_Entry]]] = {}
    for tokens, value in entries:
        logical = tokens[0].lower()
        if logical in {"and", "or"} and len(tokens) > 2:
            of_kind = groups.setdefault("and" if logical == "and" else "or", {})
            of_kind.setdefault(tokens[1], []).append((tokens[2:], value))
            continue
        field, op, key, values = _leaf(tokens, value)
        leaves.setdefault((field, op, key), []).extend(values)
    built: list[Filter] = [Leaf(field, op, tuple(vs), key) for (field, op, key), vs in leaves.items()]
    for kind, children in groups.items():
        parts = [_all_of(_build(part, depth + 1)) for part in children.values()]
        built.append(Group(kind, tuple(part for part in parts if part is not None)))
    return built


def _leaf(tokens: list[str], value: str) -> tuple[str, Op, str | None, list[str]]:
    field = field_name(tokens[0])
    if len(tokens) not in {2, 3}:
        raise InvalidFilter(field, "write filters[field][OPERATOR]=value")
    try:
        op = Op(tokens[1].upper())
    except ValueError:
        raise InvalidFilter(field, f"unknown operator `{tokens[1]}`", tuple(Op)) from None
    values = _list(value) if op in _LISTS else [value]
    if len(tokens) == 3:
        return field, op, tokens[2], values
    if field == "labels" and ":" in value and op not in _LISTS:
        key, _, rest = value.partition(":")
        return field, op, key, [rest]
    return field, op, None, values


def _list(value: str) -> list[str]:
    inner = value[1:-1] if value.startswith("[") and value.endswith("]") else value
    return [unquote(part.strip()) for part in inner.split(",") if part.strip()]


def _flat(name: str, values: list[str]) -> list[Filter]:
    op, field = FLAT[name], field_name(name)
    if name == "labels":
        return [_flat_label(value) for each in values for value in each.split(",")]
    if op is Op.IN:
        return [Leaf(field, op, tuple(part for value in values for part in _list(value)))]
    if name == "scope":
        values = [part for value in values for part in _list(value)]
    return [Leaf(field, op, tuple(values))]


def _flat_label(text: str) -> Leaf:
    key, colon, value = text.partition(":")
    if not colon:
        raise InvalidFilter("labels", "write key:value")
    return Leaf("labels", Op.EQUALS, (value,), key)


def _all_of(children: list[Filter]) -> Filter | None:
    if len(children) <= 1:
        return children[0] if children else None
    return Group("and", tuple(children))


def _count(name: str, value: str) -> int:
    try:
        number = int(value)
    except ValueError:
        raise InvalidPage(f"`{name}` is not a number: {value[:40]}") from None
    if number < 1:
        raise InvalidPage(f"`{name}` must be at least 1")
    return number


def _date_filter(value: str) -> DateFilter:
    for known in get_args(DateFilter):
        if known == value.upper():
            return known  # type: ignore[no-any-return]
    raise InvalidFilter("dateFilter", f"unknown value `{value[:40]}`", get_args(DateFilter))
