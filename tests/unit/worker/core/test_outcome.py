from __future__ import annotations

from datetime import timedelta

import pytest

from services.worker.core.outcome import MESSAGE_CHARS, End, cleaned, message_of, outcome_of
from services.worker.core.text import redacted


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (End("returned"), "succeeded"),
        (End("returned", warned=True), "warned"),
        (End("raised", "why", warned=True), "failed"),
        (End("timed_out"), "timed_out"),
        (End("cancelled"), "cancelled"),
        (End("abandoned"), "lost"),
    ],
)
def test_how_a_run_ended_makes_its_outcome(end: End, outcome: str) -> None:
    assert outcome_of(end) == outcome


def test_null_outputs_are_dropped_and_durations_are_seconds() -> None:
    outputs = {"a": None, "b": 0, "c": {"d": None}, "e": timedelta(milliseconds=1500)}
    assert cleaned(outputs) == {"b": 0, "c": {"d": None}, "e": 1.5}


def test_a_long_message_is_cut() -> None:
    assert message_of(End("raised", "x" * MESSAGE_CHARS)) == "x" * MESSAGE_CHARS
    assert message_of(End("raised", "x" * (MESSAGE_CHARS + 1))) == "x" * MESSAGE_CHARS + "…"


def test_secrets_are_masked_wherever_they_stand() -> None:
    assert redacted("a hush b hush", ["hush", "none"]) == "a ****** b ******"
