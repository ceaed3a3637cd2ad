"""Numbers of executions by day."""

from contracts.states import State
from services.web.core.view.usage import DayOfState, daily_counts

DAY = 86_400_000


def test_states_of_a_day_are_one_line_with_the_durations_of_what_ended():
    days = [
        DayOfState(DAY, State.RUNNING, 2, 0.0, 0.0, 0.0, 0),
        DayOfState(DAY, State.SUCCESS, 3, 1.0, 4.0, 6.0, 3),
        DayOfState(DAY, State.FAILED, 1, 0.5, 0.5, 0.5, 1),
        DayOfState(0, State.SUCCESS, 1, 2.0, 2.0, 2.0, 1),
    ]
    first, second = daily_counts(days)
    assert first["startDate"] == "1970-01-01T00:00:00.000Z"
    assert second["executionCounts"] == {"RUNNING": 2, "SUCCESS": 3, "FAILED": 1}
    assert second["duration"] == {"min": 0.5, "avg": 1.625, "max": 4.0, "sum": 6.5, "count": 4}
    assert daily_counts([]) == []


def test_a_day_on_which_nothing_ended_has_no_average():
    (line,) = daily_counts([DayOfState(0, State.RUNNING, 1, 0.0, 0.0, 0.0, 0)])
    assert line["duration"] == {"min": 0.0, "avg": 0.0, "max": 0.0, "sum": 0.0, "count": 0}
