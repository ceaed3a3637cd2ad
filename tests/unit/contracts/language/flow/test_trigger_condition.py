"""Conditions of triggers hold for the dates that Kestra's hold for."""

from __future__ import annotations

import pytest

from contracts.language.expression.errors import ExpressionError
from contracts.language.flow.trigger_condition import holds
from contracts.language.flow.trigger_start import StartTemplates, trigger_scope, trigger_start
from contracts.language.flow.validate import validate
from toccata.plugins.host.catalog import PluginCatalog

PACKAGE = "io.kestra.plugin.core.condition."
FRIDAY = "2026-11-27T09:30:00+01:00"
FLOW = """\
id: dated
namespace: tests
tasks:
  - {{id: say, type: io.kestra.plugin.core.log.Log, message: hi}}
triggers:
  - id: daily
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "0 9 * * *"
    {key}:
      - {condition}
"""


def is_met(name: str, date: str = FRIDAY, /, **properties: object) -> bool:
    scope = trigger_scope({"trigger": {"date": date, "country": "FR"}}, 0, "x")
    return holds({"type": name if "." in name else PACKAGE + name, **properties}, scope)


@pytest.mark.parametrize(
    ("date", "weekend"),
    [
        (FRIDAY, False),
        ("2026-11-28T00:00:00+01:00", True),
        ("2026-11-29T23:59:59Z", True),
        ("2026-11-30", False),
    ],
)
def test_a_weekend_is_saturday_and_sunday_where_the_date_is(date: str, weekend: bool) -> None:
    assert is_met("Weekend", date) is weekend


def test_a_weekday_by_its_name_in_any_case() -> None:
    assert is_met("DayWeek", dayOfWeek="FRIDAY")
    assert is_met("DayWeek", dayOfWeek="friday")
    assert not is_met("DayWeek", dayOfWeek="MONDAY")
    assert is_met("DayWeek", dayOfWeek="MONDAY", date="2026-11-30T00:00:00Z")


@pytest.mark.parametrize(
    ("date", "place", "met"),
    [
        ("2026-11-02T09:00:00Z", "FIRST", True),
        ("2026-11-09T09:00:00Z", "FIRST", False),
        ("2026-11-09T09:00:00Z", "SECOND", True),
        ("2026-11-16T09:00:00Z", "THIRD", True),
        ("2026-11-23T09:00:00Z", "FOURTH", True),
        ("2026-11-23T09:00:00Z", "LAST", False),
        ("2026-11-30T09:00:00Z", "LAST", True),
        ("2026-11-27T09:00:00Z", "LAST", False),
    ],
)
def test_the_weekday_of_a_place_in_its_month(date: str, place: str, met: bool) -> None:
    assert is_met("DayWeekInMonth", date, dayOfWeek="MONDAY", dayInMonth=place) is met


def test_bounds_of_moments_are_exclusive_and_compared_as_instants() -> None:
    assert is_met("DateTimeBetween", after="2026-11-27T08:29:59Z")
    assert not is_met("DateTimeBetween", after="2026-11-27T08:30:00Z")
    assert is_met("DateTimeBetween", before="2026-11-27T08:30:01Z")
    assert not is_met("DateTimeBetween", after="2026-11-01T00:00:00Z", before="2026-11-27T08:30:00Z")


def test_bounds_of_times_are_exclusive_and_have_an_offset() -> None:
    assert is_met("TimeBetween", after="09:00:00+01:00", before="10:00:00+01:00")
    assert is_met("TimeBetween", after="08:00:00Z", before="09:00:00Z")
    assert not is_met("TimeBetween", after="08:30:00Z")
    with pytest.raises(ExpressionError, match="no time of the day"):
        is_met("TimeBetween", after="soon")


def test_public_holidays_of_a_country_that_may_be_rendered() -> None:
    assert is_met("PublicHoliday", "2026-07-14T09:00:00Z", country="{{ trigger.country }}")
    assert not is_met("PublicHoliday", "2026-07-15T09:00:00Z", country="FR")


def test_conditions_are_joined_and_old_names_count() -> None:
    weekend = {"type": "io.kestra.core.models.conditions.types.WeekendCondition"}
    friday = {"type": PACKAGE + "DayWeek", "dayOfWeek": "FRIDAY"}
    assert is_met("Or", conditions=[weekend, friday])
    assert not is_met("Not", conditions=[weekend, friday])
    assert is_met("Not", conditions=[weekend])
    assert is_met(
        "io.kestra.core.models.conditions.types.VariableCondition", expression="{{ trigger.country == 'FR' }}"
    )


def test_what_is_no_condition_of_a_trigger_says_so() -> None:
    with pytest.raises(ExpressionError, match="ExecutionStatus is not supported here"):
        is_met("ExecutionStatus")
    with pytest.raises(ExpressionError, match="is not right"):
        is_met("DayWeek", dayOfWeek="SOMEDAY")


def test_a_start_needs_all_of_them() -> None:
    friday, weekend = {"type": PACKAGE + "DayWeek", "dayOfWeek": "FRIDAY"}, {"type": PACKAGE + "Weekend"}
    scope = trigger_scope({"trigger": {"date": FRIDAY}}, 0, "x")
    assert trigger_start(StartTemplates(conditions=[friday]), scope) is not None
    assert trigger_start(StartTemplates(conditions=[friday, weekend]), scope) is None


@pytest.mark.parametrize("key", ["conditions", "scheduleConditions"])
@pytest.mark.parametrize(
    ("condition", "path", "message"),
    [
        (f"{{type: {PACKAGE}Weekends}}", "type", "Invalid type"),
        (f"{{type: {PACKAGE}DayWeek}}", "dayOfWeek", "null"),
        (f"{{type: {PACKAGE}DayWeek, dayOfWeek: SOMEDAY}}", "dayOfWeek", "MONDAY"),
        (f"{{type: {PACKAGE}TimeBetween}}", "", "`after` or `before`"),
        (f"{{type: {PACKAGE}Weekend, date: '{{{{ nope( }}}}'}}", "date", "Invalid expression"),
        (f"{{type: {PACKAGE}Expression, expression: '{{{{ nope( }}}}'}}", "expression", "Invalid expression"),
        (
            f"{{type: {PACKAGE}Not, conditions: [{{type: {PACKAGE}Nothing}}]}}",
            "conditions[0].type",
            "Invalid type",
        ),
    ],
)
def test_what_is_wrong_is_said_when_the_flow_is_saved(
    key: str, condition: str, path: str, message: str
) -> None:
    found = validate(FLOW.format(key=key, condition=condition), PluginCatalog.load(())).parsed.errors
    (error,) = found
    assert error.path == f"triggers[0].{key}[0]" + (f".{path}" if path else "")
    assert message in error.message


def test_a_flow_with_conditions_is_right() -> None:
    condition = f"{{type: {PACKAGE}Or, conditions: [{{type: {PACKAGE}Weekend}}, {{type: {PACKAGE}PublicHoliday, country: FR}}]}}"
    found = validate(FLOW.format(key="conditions", condition=condition), PluginCatalog.load(()))
    assert not found.parsed.errors
    assert found.parsed.flow is not None
