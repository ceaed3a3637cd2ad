"""A stretch of time, and the parts into which a chart of it falls."""

from __future__ import annotations

import pytest

from services.web.core.problem import Problem
from services.web.core.search.span import Span, aggregation_of, span_of

DAY = 86_400_000
NOW = 100 * DAY


def test_it_is_the_last_thirty_days_unless_said() -> None:
    assert span_of(None, None, NOW) == Span(70 * DAY, NOW)
    assert span_of(None, "1970-02-10T00:00:00Z", NOW) == Span(10 * DAY, 40 * DAY)
    assert span_of("1970-01-02", "1970-01-03", NOW) == Span(DAY, 2 * DAY)


@pytest.mark.parametrize(
    ("length", "part"),
    [
        (3_600_000, "minute"),
        (12 * 3_600_000, "hour"),
        (30 * DAY, "day"),
        (200 * DAY, "week"),
        (800 * DAY, "month"),
    ],
)
def test_its_parts_follow_from_its_length(length: int, part: str) -> None:
    assert Span(0, length).part == part


def test_what_is_no_instant_or_no_aggregation_is_refused_by_its_name() -> None:
    with pytest.raises(Problem, match="startDate"):
        span_of("yesterday", None, NOW)
    with pytest.raises(Problem, match="after"):
        span_of("1970-03-01", "1970-02-01", NOW)
    assert (aggregation_of(None), aggregation_of("AVG")) == ("sum", "avg")
    with pytest.raises(Problem, match="aggregation"):
        aggregation_of("median")
