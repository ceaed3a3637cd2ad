"""`run --follow` shows what happened in the order in which it happened."""

import pytest

from toccata.cli.order import News, Waiting


def state(at: str, word: str) -> News:
    return News(f"2026-03-01T10:00:{at}Z", "t", word)


def line(at: str, text: str) -> News:
    return News(f"2026-03-01T10:00:{at}Z", "", "", {"message": text})


def test_a_line_that_comes_later_is_shown_where_it_belongs():
    waiting = Waiting(0.4)
    waiting.put([state("02.000", "RUNNING"), state("03.000", "SUCCESS")], now=10.0)
    assert waiting.due(10.3) == []
    waiting.put([line("02.500", "said between")], now=10.3)
    assert [each.word or "a line" for each in waiting.due(10.4)] == ["RUNNING", "a line", "SUCCESS"]
    assert waiting.seconds_left(10.4) is None


def test_instants_of_different_precision_compare_as_instants():
    """As texts, `02.123Z` is after `02.123456Z`."""
    waiting = Waiting(0)
    waiting.put([line("02.123456", "said"), state("02.123", "RUNNING")], now=0)
    assert [each.line is not None for each in waiting.due(0)] == [False, True]


def test_in_one_instant_a_task_begins_then_speaks_then_ends():
    waiting = Waiting(0)
    waiting.put([state("02.1", "SUCCESS"), line("02.1", "said"), state("02.1", "RUNNING")], now=0)
    assert [each.word for each in waiting.all()] == ["RUNNING", "", "SUCCESS"]


def test_what_happened_later_than_what_is_due_goes_on_waiting():
    waiting = Waiting(1.0)
    waiting.put([state("02.0", "RUNNING")], now=0)
    waiting.put([state("05.0", "SUCCESS")], now=0.9)
    assert [each.word for each in waiting.due(1.0)] == ["RUNNING"]
    assert waiting.seconds_left(1.0) == pytest.approx(0.9)
