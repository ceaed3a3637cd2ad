"""``conditions`` of a trigger, from before ``when``: those about a date, expressions, and what joins them.

They are pure. ``date`` is that of the trigger unless it is given. Bounds are exclusive, and a day is that of the date's own offset,
as in Kestra.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated, Literal

from pydantic import BeforeValidator, ValidationError, model_validator

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.functions.calendar import at_of, is_day_of_month
from contracts.language.expression.functions.holiday import is_holiday
from contracts.language.expression.presence import condition_source
from contracts.language.expression.scope import Scope
from contracts.language.expression.template import compile_template, is_truthy
from contracts.language.flow.condition import Condition, Not, Or, short_name
from contracts.language.types.property import dynamic, upper

_SATURDAY = 5
_DATE = "{{ trigger.date }}"
_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
Day = Annotated[
    Literal["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"],
    BeforeValidator(upper),
]


class _Dated(Condition):
    date: str = dynamic(_DATE)

    def at(self, scope: Scope) -> datetime:
        return _moment(self.date, scope)


class _Between(_Dated):
    after: str | None = dynamic(None)
    before: str | None = dynamic(None)

    @model_validator(mode="after")
    def _bounded(self) -> _Between:
        if self.after is None and self.before is None:
            raise ValueError("`after` or `before` must be given")
        return self


class DateTimeBetween(_Between):
    def holds(self, scope: Scope) -> bool:
        at = self.at(scope)
        return (self.after is None or _moment(self.after, scope) < at) and (
            self.before is None or at < _moment(self.before, scope)
        )


class TimeBetween(_Between):
    def holds(self, scope: Scope) -> bool:
        at = _instant_of_day(self.at(scope).timetz())
        return (self.after is None or _instant_of_day(_time(self.after, scope)) < at) and (
            self.before is None or at < _instant_of_day(_time(self.before, scope))
        )


class DayWeek(_Dated):
    day_of_week: Day

    def holds(self, scope: Scope) -> bool:
        return _DAYS[self.at(scope).weekday()] == self.day_of_week


class DayWeekInMonth(_Dated):
    day_of_week: Day
    day_in_month: Annotated[Literal["FIRST", "LAST", "SECOND", "THIRD", "FOURTH"], BeforeValidator(upper)]

    def holds(self, scope: Scope) -> bool:
        return is_day_of_month(self.at(scope), self.day_of_week, self.day_in_month)


class Weekend(_Dated):
    def holds(self, scope: Scope) -> bool:
        return self.at(scope).weekday() >= _SATURDAY


class PublicHoliday(_Dated):
    country: str = dynamic()
    sub_division: str | None = dynamic(None)

    def holds(self, scope: Scope) -> bool:
        part = None if self.sub_division is None else _text(self.sub_division, scope)
        return is_holiday(self.at(scope).date(), _text(self.country, scope), part)


class Expression(Condition):
    expression: str = dynamic()

    def holds(self, scope: Scope) -> bool:
        return passes(self.expression, scope)


CONDITIONS: Mapping[str, type[Condition]] = {
    each.__name__: each
    for each in (
        DateTimeBetween,
        DayWeek,
        DayWeekInMonth,
        Expression,
        Not,
        Or,
        PublicHoliday,
        TimeBetween,
        Weekend,
    )
}
"""By the last part of the name, without ``Condition``."""


def holds(condition: Mapping[str, object], scope: Scope) -> bool:
    """Evaluate a condition as it is written. Raise ExpressionError if it cannot be evaluated."""
    return condition_of(condition).holds(scope)


def passes(text: str, scope: Scope) -> bool:
    """Evaluate an expression, which needs no braces. Raise ExpressionError if it does not render."""
    return is_truthy(compile_template(condition_source(text)).render(scope))


def condition_of(
    written: Mapping[str, object], known: Mapping[str, type[Condition]] = CONDITIONS
) -> Condition:
    """Read a condition that was checked when its flow was saved. Raise ExpressionError for one that cannot be evaluated."""
    kind = str(written.get("type", ""))
    model = known.get(short_name(kind) or "")
    if model is None:
        raise ExpressionError(f"a condition of type {kind} is not supported here: use `when`")
    fields, nested = dict(written), written.get("conditions")
    if isinstance(nested, list | tuple):
        fields["conditions"] = [condition_of(each, known) for each in nested]
    elif isinstance(nested, Mapping):
        fields["conditions"] = {str(name): condition_of(each, known) for name, each in nested.items()}
    try:
        return model.model_validate(fields, by_alias=True, by_name=False)
    except ValidationError as error:
        raise ExpressionError(
            f"a condition of type {kind} is not right: {error.errors()[0]['msg']}"
        ) from error


def _text(written: str, scope: Scope) -> str:
    return compile_template(written).render(scope).strip()


def _moment(written: str, scope: Scope) -> datetime:
    return at_of(_text(written, scope))


def _time(written: str, scope: Scope) -> time:
    text = _text(written, scope)
    try:
        read = time.fromisoformat(text)
    except ValueError:
        raise ExpressionError(
            f"`{text[:40]}` is no time of the day with an offset, such as 16:00:00+01:00"
        ) from None
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


def _instant_of_day(at: time) -> datetime:
    """Times of different offsets are compared as if they were of one day."""
    return datetime.combine(date(2000, 1, 2), at)
