"""Where the processors of the executor read, in which order they take it, and what each topic may say."""

from __future__ import annotations

from typing import Any, cast

import pytest

from contracts import codec
from contracts.codec import UnreadableMessage
from contracts.execution import AttemptEnded, KillExecution
from services.executor.__main__ import specs
from services.executor.settings import ExecutorSettings
from toccata.runtime.processor.input import Source

NOBODY = cast("Any", None)
KILL = codec.encode(KillExecution(execution_id="x", at=1))
ENDED = codec.encode(AttemptEnded(execution_id="x", task_run_id="t", attempt=1, outcome="failed", at=1))


def sources() -> dict[str, Source]:
    (executions, *_) = specs(ExecutorSettings(), NOBODY, NOBODY)
    return {source.topic: source for source in executions.sources}


def test_what_ends_work_goes_before_what_begins_it_and_ours_before_public() -> None:
    found = sources()
    order = sorted(found, key=lambda topic: -found[topic].urgency)
    assert order == ["executions.commands", "executions.reports", "executions.admitted", "executions.starts"]
    assert len({source.urgency for source in found.values()}) == len(found), "no two share a place"


def test_a_kill_among_the_reports_of_workers_is_unreadable() -> None:
    found = sources()
    assert found["executions.commands"].codec.decode(KILL) == KillExecution(execution_id="x", at=1)
    with pytest.raises(UnreadableMessage, match=r"execution\.kill\.v1"):
        found["executions.reports"].codec.decode(KILL)


def test_reports_from_before_they_had_a_topic_are_still_read() -> None:
    found = sources()
    for topic in ("executions.reports", "executions.commands"):
        assert isinstance(found[topic].codec.decode(ENDED), AttemptEnded)
