from datetime import UTC, datetime

import pytest

from services.trigger_listener.core.match import _fits
from toccata.cli.errors import CommandError
from toccata.cli.event.listener import listens
from toccata.cli.event.start import in_words, parse_start

EVENT = "io.toccata.plugin.core.trigger.Event"
NOW = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("latest", "latest"),
        ("earliest", "earliest"),
        ("30s", NOW - 30_000),
        ("10m", NOW - 600_000),
        ("2h", NOW - 7_200_000),
        ("1d", NOW - 86_400_000),
        ("2026-03-01T11:59:00Z", NOW - 60_000),
        ("2026-03-01T12:59:00+01:00", NOW - 60_000),
    ],
)
def test_where_a_reader_begins(text, start):
    assert parse_start(text, NOW) == start


@pytest.mark.parametrize("text", ["", "first", "10 minutes", "2026-13-01"])
def test_what_is_no_beginning_is_refused_with_what_is(text):
    with pytest.raises(CommandError, match="not a starting point") as refused:
        parse_start(text, NOW)
    assert "earliest" in refused.value.advice
    assert refused.value.code == 2


def test_a_tail_that_waits_says_so_and_how_to_see_what_came_before():
    assert "--from earliest" in in_words("executions.events", "latest", "latest")
    assert "since 10m" in in_words("events", NOW, "10m")


def test_only_triggers_that_wait_for_such_an_event_are_counted():
    trigger = {"type": EVENT, "eventType": "greeting.*", "source": "/me"}
    assert listens(trigger, "greeting.sent", "/me", "", "events")
    assert not listens(trigger, "greeting.sent", "/you", "", "events")
    assert not listens(trigger, "order.sent", "/me", "", "events")
    assert not listens(trigger, "greeting.sent", "/me", "", "orders")
    assert listens({"type": EVENT, "topic": "orders"}, "a", "b", "c", "orders")
    assert not listens({"type": "io.kestra.plugin.core.trigger.Schedule"}, "a", "b", "", "events")


@pytest.mark.parametrize("pattern", [None, "a.b", "a.*", "a.?", "[ab].b", "[ab", "*", "A.b", "a.b\n", "x[1]"])
@pytest.mark.parametrize("text", ["a.b", "a.bc", "b.b", "", "[ab", "x[1]", "x1"])
def test_patterns_fit_as_the_trigger_listener_has_them(pattern, text):
    assert listens({"type": EVENT, "eventType": pattern}, text, "", "", "events") == _fits(pattern, text)
