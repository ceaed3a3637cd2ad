"""Where the processors of the executor read, in which order they take it, and what each topic may say."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from contracts import codec
from contracts.codec import UnreadableMessage
from contracts.execution import AttemptEnded, KillExecution
from contracts.registry import PutFlow
from services.executor.__main__ import specs
from services.executor.adapters.reading_ahead import LONG_CHARS, ReadingAhead
from services.executor.registry.source import Facts, read_facts
from services.executor.settings import ExecutorSettings
from toccata.runtime.processor.input import Source

NOBODY = cast("Any", None)
LONG = (
    "id: f\nnamespace: n\ntasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: hi}]\n"
    + "#" * LONG_CHARS
)
KILL = codec.encode(KillExecution(execution_id="x", at=1))
ENDED = codec.encode(AttemptEnded(execution_id="x", task_run_id="t", attempt=1, outcome="failed", at=1))


def sources() -> dict[str, Source]:
    (executions, *_) = specs(ExecutorSettings(), NOBODY, NOBODY, ReadingAhead(lambda: None), NOBODY)
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


async def test_the_registry_waits_for_a_long_source_and_gets_what_was_read() -> None:
    woken, reads = asyncio.Event(), []

    def count(source: str, namespace: str, flow_id: str) -> Facts:
        reads.append(len(source))
        return read_facts(source, namespace, flow_id)

    (registry,) = [
        spec
        for spec in specs(ExecutorSettings(), NOBODY, NOBODY, ReadingAhead(woken.set, count), NOBODY)
        if spec.name == "registry"
    ]
    command = PutFlow(
        namespace="n", flow_id="f", source=LONG, mode="upsert", at=1, request_id="r", reply_to=0
    )
    ready = registry.sources[0].ready
    assert ready is not None
    assert not ready(command)
    await woken.wait()
    assert ready(command)
    step = registry.machine(0).step(command, 1)
    assert [out.topic for out in step.outbox] == ["flows.state", "replies"]
    assert reads == [len(LONG)], "it was read once, and not by the machine"
