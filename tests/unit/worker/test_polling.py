"""A poll on a worker: what it is given, what it reports, and what it can fail with."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from contracts.codec import Codec
from contracts.polling import MOST_FOUND, FoundEvent
from contracts.telemetry import AttemptLogs
from tests.support.attempt import Bench
from toccata.plugin import (
    PolledProperties,
    RunContext,
    TaskFailed,
    TriggerEvent,
    TriggerType,
    dynamic,
    stored,
)

_logs: Codec[AttemptLogs] = Codec(AttemptLogs)


class Inbox(PolledProperties):
    """Looks for mail."""

    folder: str = dynamic(doc="where")


def a_type(poll: Any, **more: Any) -> TriggerType:
    return TriggerType(
        name="example.Inbox", title="Mail", properties=Inbox, started_by="poll", poll=poll, **more
    )


async def test_events_are_reported_with_their_ids_in_their_order(tmp_path: Path) -> None:
    async def poll(trigger: Inbox, run: RunContext) -> Sequence[TriggerEvent]:
        return [
            TriggerEvent(id="m1", variables={"folder": trigger.folder, "none": None}),
            TriggerEvent(variables={"n": 2}),
        ]

    ended = await Bench(tmp_path).poll(
        a_type(poll), {"folder": "{{ vars.box }}"}, variables={"vars": {"box": "in"}}
    )

    assert ended.outcome == "succeeded"
    assert ended.found == [FoundEvent("m1", {"folder": "in"}), FoundEvent("", {"n": 2})]
    assert ended.outputs == {}


async def test_nothing_new_is_a_success_without_events(tmp_path: Path) -> None:
    async def poll(trigger: Inbox, run: RunContext) -> Sequence[TriggerEvent]:
        return []

    ended = await Bench(tmp_path).poll(a_type(poll), {"folder": "x"})
    assert (ended.outcome, ended.found) == ("succeeded", [])


async def test_a_poll_knows_its_id_and_what_of_the_last_one_was_accepted(tmp_path: Path) -> None:
    async def poll(trigger: Inbox, run: RunContext) -> Sequence[TriggerEvent]:
        evaluation = run.evaluation
        return [TriggerEvent(variables={"id": evaluation.id, "accepted": sorted(evaluation.accepted)})]

    ended = await Bench(tmp_path).poll(a_type(poll), {"folder": "x"}, 7, accepted=["b", "a"])
    assert ended.found[0].variables == {"id": "ev7", "accepted": ["a", "b"]}


async def test_its_files_stand_below_the_execution_that_it_may_start(tmp_path: Path) -> None:
    async def poll(trigger: Inbox, run: RunContext) -> Sequence[TriggerEvent]:
        return [TriggerEvent(variables={"uri": await stored(run, b"hello", "a.txt")})]

    bench = Bench(tmp_path)
    ended = await bench.poll(a_type(poll), {"folder": "x"})
    uri = ended.found[0].variables["uri"]
    assert uri.startswith("kestra:///company/team/f/executions/e1/trigger/watch/")
    assert await bench.storage.get(uri) == b"hello"


async def test_its_lines_belong_to_the_trigger_and_to_no_task_run(tmp_path: Path) -> None:
    async def poll(trigger: Inbox, run: RunContext) -> Sequence[TriggerEvent]:
        run.log("INFO", "looking")
        run.metric("counter", "mails", 3)
        return []

    bench = Bench(tmp_path)
    await bench.poll(a_type(poll), {"folder": "x"})
    (logs,) = (_logs.decode(value) for value in bench.outbox.of("attempts.logs"))
    assert (logs.trigger_id, logs.task_id, logs.task_run_id, logs.attempt) == ("watch", None, None, 0)
    assert [line.message for line in logs.lines] == ["looking"]
    assert bench.outbox.of("attempts.metrics") == []


async def test_what_a_poll_raises_is_its_failure_and_a_line_of_its_log(tmp_path: Path) -> None:
    async def poll(trigger: Inbox, run: RunContext) -> Sequence[TriggerEvent]:
        raise TaskFailed("no such mailbox")

    bench = Bench(tmp_path)
    ended = await bench.poll(a_type(poll), {"folder": "x"})
    assert (ended.outcome, ended.message) == ("failed", "no such mailbox")
    assert ("ERROR", "no such mailbox") in bench.messages


async def test_a_source_that_hangs_is_left_at_the_end_of_its_time(tmp_path: Path) -> None:
    async def poll(trigger: Inbox, run: RunContext) -> Sequence[TriggerEvent]:
        await asyncio.Event().wait()
        return []

    ended = await Bench(tmp_path).poll(a_type(poll), {"folder": "x"}, timeout_template="PT0.05S")
    assert (ended.outcome, ended.message) == ("timed_out", "Timeout after PT0.05S")


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([TriggerEvent(id=str(n)) for n in range(MOST_FOUND + 1)], f"the limit of one poll is {MOST_FOUND}"),
        ([TriggerEvent(variables={"rows": "x" * 300_000})], "but the limit is 204800: let it store files"),
        ([TriggerEvent(id="x" * 1_001)], "the id of an event has 1001 characters"),
        ([TriggerEvent(variables={"x": object()})], "a object is not a JSON value"),
    ],
)
async def test_what_does_not_fit_into_a_report_fails_with_the_reason(
    tmp_path: Path, events: list[TriggerEvent], message: str
) -> None:
    async def poll(trigger: Inbox, run: RunContext) -> Sequence[TriggerEvent]:
        return events

    ended = await Bench(tmp_path).poll(a_type(poll), {"folder": "x"})
    assert ended.outcome == "failed"
    assert message in ended.message
    assert ended.found == []


async def test_a_type_that_the_worker_does_not_have_is_named(tmp_path: Path) -> None:
    ended = await Bench(tmp_path).poll(None, {})
    assert (ended.outcome, ended.message) == (
        "failed",
        "no plugin on worker w1 polls triggers of type `example.Gone`",
    )


async def test_a_missing_library_is_named_with_what_to_install(tmp_path: Path) -> None:
    async def poll(trigger: Inbox, run: RunContext) -> Sequence[TriggerEvent]:
        raise ModuleNotFoundError("No module named 'imap'", name="imap")

    ended = await Bench(tmp_path).poll(a_type(poll, extra="toccata[mail]"), {"folder": "x"})
    assert ended.message.endswith(
        "needs `imap`, which this worker does not have. Install it there: pip install 'toccata[mail]'"
    )
