"""Filters on dates."""

from __future__ import annotations

import pytest

from contracts.language.expression.errors import ExpressionError
from tests.support.expression import value_of


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'2026-03-01T12:30:00Z' | date", "2026-03-01T12:30:00.000000Z"),
        ("'2026-03-01T12:30:00Z' | date('dd.MM.yyyy')", "01.03.2026"),
        ("'2026-07-01T12:30:00Z' | date('HH:mm', 'Europe/Paris')", "14:30"),
        ("'2026-07-01T12:30:00' | date('HH:mm XXX', timeZone='Europe/Paris')", "12:30 +02:00"),
        ("'01/03/2026' | date('iso_local_date', existingFormat='dd/MM/yyyy')", "2026-03-01"),
        ("0 | date('iso_local_date_time')", "1970-01-01T00:00:00"),
        ("'2026-01-31' | dateAdd(1, 'MONTHS', 'iso_local_date')", "2026-02-28"),
        ("'2026-03-01T12:30:00Z' | dateAdd(-90, 'MINUTES', 'HH:mm')", "11:00"),
        ("'2026-03-01T12:30:00Z' | timestamp", 1_772_368_200),
        ("'2026-03-01T12:30:00.5Z' | timestampMilli", 1_772_368_200_500),
        ("'2026-03-01T12:30:00Z' | timestampMicro", "1772368200000000"),
        ("'2026-03-01T12:30:00Z' | timestampNano", "1772368200000000000"),
        ("'1969-12-31T23:59:59.5Z' | timestamp", -1),
        ("'2026-07-01T12:30:00' | timestamp(timeZone='Europe/Paris')", 1_782_901_800),
    ],
)
def test_filters(expression: str, expected: object) -> None:
    assert value_of(expression) == expected


@pytest.mark.parametrize(
    "name", ["date", "dateAdd(1, 'DAYS')", "timestamp", "timestampMilli", "timestampNano"]
)
def test_null_stays_null(name: str) -> None:
    assert value_of(f"null | {name}") is None


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("'soon' | date", "is not an ISO date"),
        ("'2026-03-01' | date('yyyy', 'Mars/Olympus')", "Unknown time zone"),
        ("'2026-03-01' | dateAdd(1, 'FORTNIGHTS')", "Unknown unit"),
        ("'2026-03-01' | dateAdd('x', 'DAYS')", "`dateAdd`"),
        ("true | timestamp", "Expected a date"),
    ],
)
def test_a_value_that_a_filter_cannot_use_is_reported(expression: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        value_of(expression)
