from __future__ import annotations

import pytest

from contracts.language.types.cron import cron_problem


@pytest.mark.parametrize(
    "line",
    [
        "0 10 * * *",
        "*/5 * * * *",
        "0 9 1 * *",
        "0,30 8-18/2 * JAN-MAR MON-FRI",
        "0 0 * * 7",
        "@daily",
        "5/15 * * * *",
    ],
)
def test_unix_lines_are_accepted(line):
    assert cron_problem(line) is None


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("60 * * * *", "minutes: `60` is out of range 0-59"),
        ("* * * *", "has 4 fields, 5 are needed"),
        ("0 0 0 * * *", "withSeconds"),
        ("0 0 L * *", "not understood"),
        ("0 0 ? * MON#1", "not understood"),
        ("30-10 * * * *", "runs backwards"),
        ("*/0 * * * *", "step"),
        ("@reboot", "unknown nickname"),
        ("0 0 * FOO *", "out of range"),
        ("", "has 0 fields"),
    ],
)
def test_others_are_refused_with_the_reason(line, problem):
    assert problem in (cron_problem(line) or "")


def test_seconds_lead_where_they_are_asked_for():
    assert cron_problem("30 0 10 * * *", with_seconds=True) is None
    assert "6 are needed" in (cron_problem("0 10 * * *", with_seconds=True) or "")
