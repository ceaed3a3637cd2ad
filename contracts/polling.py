"""Polls: a trigger asks its source whether there is something new. Each is one attempt on a worker, and ends with what it found."""

from __future__ import annotations

import msgspec

from contracts.scalars import JsonObject

FOUND_BYTES = 200 * 1024
"""The limit for everything that one poll found. It travels within the outcome; larger values go to files."""
MOST_FOUND = 100
"""Events of one poll. Each starts an execution, in one step."""
EVENT_ID_CHARS = 1_000


class Poll(msgspec.Struct, frozen=True, array_like=True):
    """What makes an attempt a poll. Its ``task_run_id`` is then the id of the evaluation, and its ``execution_id`` that of the
    execution which starts if the poll finds an event without an id of its own."""

    trigger_id: str
    accepted: list[str] = []
    """The ids of the events of the last evaluation that found some. Their starts are stored."""


class FoundEvent(msgspec.Struct, frozen=True, array_like=True):
    """One reason to start an execution."""

    id: str = ""
    """What makes it this event and no other. Empty: it is the event of its evaluation."""
    variables: JsonObject = {}
    """What expressions read as ``trigger.*``."""
