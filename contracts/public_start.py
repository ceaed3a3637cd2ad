"""What a start may say that was not written by one of our services. Pure.

Kafka's records do not carry who wrote them. So who may write a topic says how far its records are trusted: our services write starts
to ``executions.admitted``, which is closed to everybody else, and whoever may only publish writes to ``executions.starts``.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from contracts.execution import StartExecution

_OURS = re.compile(r"[0-9A-Za-z]{22}")
"""The form of ids that services derive. Such an id in a start from outside could take the place of another execution."""
_SYSTEM = "system."
_Rule = tuple[Callable[[StartExecution], bool], str]
_RULES: tuple[_Rule, ...] = (
    (
        lambda start: _OURS.fullmatch(start.execution_id) is not None,
        "`execution_id` has the form of our own ids (22 letters and digits): choose another, such as a UUID with its dashes",
    ),
    (
        lambda start: any(label.startswith(_SYSTEM) for label in start.labels),
        "`labels` that begin with `system.` are ours",
    ),
    (
        lambda start: start.trigger is not None,
        "`trigger` is what a trigger says; publish an event to start one",
    ),
    (lambda start: start.trigger_key is not None, "`trigger_key` locks a trigger"),
    (lambda start: start.parent_id is not None, "`parent_id` names an execution that did not start this one"),
    (
        lambda start: start.original_id is not None,
        "`original_id` names an execution that is not retried here",
    ),
    (lambda start: start.attempt_number != 1, "`attempt_number` counts our own retries"),
    (lambda start: start.revision is not None, "`revision` chooses another flow than the present one"),
    (lambda start: start.kind != "NORMAL", "`kind` is NORMAL for every start from outside"),
    (lambda start: start.replay is not None, "`replay` holds task runs of another execution"),
    (lambda start: start.parent is not None, "`parent` is a task run that waits for its end"),
    (lambda start: start.variables is not None, "`variables` are those of another execution"),
    (lambda start: bool(start.failure), "`failure` is the report of a service"),
)


def not_public(start: StartExecution) -> str:
    """Why this start may not come from outside. Empty if it may."""
    for is_ours, reason in _RULES:
        if is_ours(start):
            return f"only a service may say this in a start: {reason}"
    return ""
