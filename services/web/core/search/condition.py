"""One condition of a filter as SQL. Values become parameters; columns come only from our own tables of fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import orjson

from contracts.language.types.duration import parse_duration
from contracts.scalars import to_datetime
from contracts.states import State
from contracts.telemetry import LEVELS
from services.web.core.instant import parse_instant
from services.web.core.search.query import InvalidFilter, Leaf, Op, Query


class Params:
    """Values of a statement, numbered in order."""

    def __init__(self) -> None:
        self.values: list[object] = []

    def add(self, value: object) -> str:
        self.values.append(value)
        return f"${len(self.values)}"


Condition: TypeAlias = Callable[[Params, Leaf, Query], str]

_COMPARE = {
    Op.EQUALS: "=",
    Op.GREATER_THAN: ">",
    Op.LESS_THAN: "<",
    Op.GREATER_THAN_OR_EQUAL_TO: ">=",
    Op.LESS_THAN_OR_EQUAL_TO: "<=",
}
CHOICE_OPS = (Op.EQUALS, Op.NOT_EQUALS, Op.IN, Op.NOT_IN)
FLAG_OPS = (Op.EQUALS, Op.NOT_EQUALS)
COMPARE_OPS = tuple(_COMPARE)
NAME_OPS = (*CHOICE_OPS, Op.STARTS_WITH, Op.ENDS_WITH, Op.CONTAINS)
ALL_STRING_OPS = (*NAME_OPS, Op.REGEX, Op.PREFIX)
LABEL_OPS = (*CHOICE_OPS, Op.CONTAINS)
_NEGATIVE = frozenset({Op.NOT_EQUALS, Op.NOT_IN})


def text(column: str) -> Condition:
    def condition(params: Params, leaf: Leaf, _query: Query) -> str:
        if leaf.op in CHOICE_OPS:
            return _chosen(params, column, leaf, list(leaf.values))
        return _any(leaf, [_text_match(params, column, leaf.op, value) for value in leaf.values])

    return condition


def choice(column: str, allowed: tuple[str, ...] = ()) -> Condition:
    """A closed set of words in upper case. Without ``allowed``, any word is accepted."""

    def condition(params: Params, leaf: Leaf, _query: Query) -> str:
        values = [value.upper() for value in leaf.values]
        values = ["CANCELLED" if value == "CANCELED" else value for value in values]
        unknown = [value for value in values if allowed and value not in allowed]
        if unknown:
            raise InvalidFilter(leaf.field, f"unknown value `{unknown[0][:40]}`", allowed)
        return _chosen(params, column, leaf, values)

    return condition


def state(column: str) -> Condition:
    known = (*(each.value for each in State), "BREAKPOINT", "RESUBMITTED")
    return choice(column, known)


def number(column: str) -> Condition:
    def condition(params: Params, leaf: Leaf, _query: Query) -> str:
        values = [_integer(leaf, value) for value in leaf.values]
        if leaf.op in _COMPARE and leaf.op is not Op.EQUALS:
            return _any(
                leaf, [f"{column} {_COMPARE[leaf.op]} {params.add(value)}::bigint" for value in values]
            )
        found = f"{column} = ANY ({params.add(values)}::bigint[])"
        return f"NOT ({found})" if leaf.op in _NEGATIVE else found

    return condition


def date(*columns: str) -> Condition:
    """An instant. With several columns, one of them must match."""

    def condition(params: Params, leaf: Leaf, _query: Query) -> str:
        parts = []
        for value in leaf.values:
            at = params.add(_instant(leaf, value))
            parts += [f"{column} {_COMPARE[leaf.op]} {at}::timestamptz" for column in columns]
        return _any(leaf, parts)

    return condition


def since(*columns: str) -> Condition:
    """``timeRange``: an ISO duration that counts back from now."""

    def condition(params: Params, leaf: Leaf, query: Query) -> str:
        parts = []
        for value in leaf.values:
            try:
                begin = to_datetime(query.now) - _duration(value)
            except (ValueError, OverflowError) as error:
                raise InvalidFilter(
                    leaf.field, f"`{value[:40]}` is not a duration such as PT24H or P7D"
                ) from error
            at = params.add(begin)
            parts += [f"{column} >= {at}::timestamptz" for column in columns]
        return _any(leaf, parts)

    return condition


def labels(params: Params, leaf: Leaf, _query: Query) -> str:
    """``filters[labels][OP][key]=value``, or ``key:value`` without a key."""
    parts = []
    for value in leaf.values:
        key, wanted = (leaf.key, value) if leaf.key is not None else _key_value(value)
        if leaf.op is Op.CONTAINS:
            parts.append(_label_contains(params, key, wanted))
        else:
            pair = orjson.dumps([{"key": key, "value": wanted} if key is not None else {"value": wanted}])
            parts.append(f"labels @> {params.add(pair.decode())}::jsonb")
    return _signed(leaf, _any(leaf, parts))


def search_text(*columns: str) -> Condition:
    """``q``: one of the columns contains it, in upper or lower case."""

    def condition(params: Params, leaf: Leaf, _query: Query) -> str:
        parts = []
        for value in leaf.values:
            pattern = params.add(f"%{like_escaped(value)}%")
            parts += [f"{column} ILIKE {pattern}" for column in columns]
        return _signed(leaf, _any(leaf, parts))

    return condition


def words(meanings: dict[str, str]) -> Condition:
    """A closed set of words, each with its SQL."""

    def condition(_params: Params, leaf: Leaf, _query: Query) -> str:
        return _words(leaf, meanings)

    return condition


def least_level(params: Params, leaf: Leaf, _query: Query) -> str:
    """``level`` EQUALS means at least that level."""
    names = [value.upper() for value in leaf.values]
    unknown = [name for name in names if name not in LEVELS]
    if unknown:
        raise InvalidFilter(leaf.field, f"unknown value `{unknown[0][:40]}`", LEVELS)
    lowest = min((LEVELS.index(name) for name in names if name in LEVELS), default=0)
    return _signed(leaf, f"level >= {params.add(lowest)}::smallint")


def like_escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _text_match(params: Params, column: str, op: Op, value: str) -> str:
    match op:
        case Op.STARTS_WITH:
            return f"starts_with({column}, {params.add(value)})"
        case Op.ENDS_WITH:
            return f"{column} LIKE {params.add('%' + like_escaped(value))}"
        case Op.CONTAINS:
            return f"strpos({column}, {params.add(value)}) > 0"
        case Op.REGEX:
            return f"{column} ~ {params.add(value)}"
        case _:
            # The same namespace or one below it. In collation "C" these are one range, because "/" follows ".".
            below, beyond = params.add(value + "."), params.add(value + "/")
            return f"({column} = {params.add(value)} OR ({column} >= {below} AND {column} < {beyond}))"


def _chosen(params: Params, column: str, leaf: Leaf, values: list[str]) -> str:
    if len(values) == 1:
        sign = "IS DISTINCT FROM" if leaf.op in _NEGATIVE else "="
        return f"{column} {sign} {params.add(values[0])}"
    found = f"{column} = ANY ({params.add(values)}::text[])"
    return f"({column} IS NULL OR NOT {found})" if leaf.op in _NEGATIVE else found


def _words(leaf: Leaf, meanings: dict[str, str]) -> str:
    names = [value.upper() for value in leaf.values]
    unknown = [name for name in names if name not in meanings]
    if unknown:
        raise InvalidFilter(leaf.field, f"unknown value `{unknown[0][:40]}`", tuple(meanings))
    return _signed(leaf, _any(leaf, [meanings[name] for name in names]))


def _signed(leaf: Leaf, condition: str) -> str:
    """Negate if the operator is negative. NULL counts as different, as callers expect."""
    return f"({condition}) IS NOT TRUE" if leaf.op in _NEGATIVE else condition


def _any(leaf: Leaf, parts: list[str]) -> str:
    if not parts:
        raise InvalidFilter(leaf.field, "needs a value")
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"


def _label_contains(params: Params, key: str | None, value: str) -> str:
    inside = f"strpos(label ->> 'value', {params.add(value)}) > 0"
    if key is not None:
        inside += f" AND label ->> 'key' = {params.add(key)}"
    return f"EXISTS (SELECT FROM jsonb_array_elements(labels) AS label WHERE {inside})"


def _key_value(value: str) -> tuple[str | None, str]:
    key, colon, rest = value.partition(":")
    return (key, rest) if colon else (None, value)


def _integer(leaf: Leaf, value: str) -> int:
    if not value.lstrip("-").isdecimal() or len(value) > 18:
        raise InvalidFilter(leaf.field, f"`{value[:40]}` is not a whole number")
    return int(value)


def _instant(leaf: Leaf, value: str) -> datetime:
    at = parse_instant(value)
    try:
        if at is not None:
            return at.astimezone(UTC)
    except OverflowError:
        pass  # The year is 0 or 10000. No row has it.
    raise InvalidFilter(leaf.field, f"`{value[:40]}` is not an instant such as 2026-03-01T08:15:30Z")


def _duration(value: str) -> timedelta:
    """Accepts weeks, months and years, which flows refuse: date pickers of clients send P1W, P30D or P1M."""
    days = {"W": 7, "M": 30, "Y": 365}
    if len(value) > 2 and value[0] in "Pp" and value[-1].upper() in days and value[1:-1].isdecimal():
        return timedelta(days=int(value[1:-1][:9]) * days[value[-1].upper()])
    return parse_duration(value)
