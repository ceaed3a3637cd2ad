"""Sees topics during the chaos and reads tables after it, and answers questions about them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from contracts.codec import Codec, encode, message_types
from contracts.execution import (
    AnyExecutionEvent,
    AttemptEnded,
    AttemptReport,
    ExecutionCreated,
    ExecutionEnded,
    ExecutionEvent,
    ExecutionStarted,
    TaskRunCreated,
    TaskRunSubmitted,
)
from contracts.lease import LeaseNews
from contracts.message import type_of
from contracts.states import State
from tests.chaos.flows import LIMIT, expected_outputs, expected_result, expected_states, is_to_be_killed
from tests.support.life import Life, Watch, following, records_of, watching
from tests.support.projection import SeenExecution, SeenRun
from toccata.runtime.processor.journal import JournalRecord, decode_record
from toccata.runtime.settings import KafkaSettings

_events: Codec[AnyExecutionEvent] = Codec(AnyExecutionEvent)
_reports: Codec[AttemptReport | LeaseNews] = Codec(AttemptReport | LeaseNews)
_PUBLIC = {type_of(event) for event in message_types(AnyExecutionEvent)}
"""The machine also has events of its own."""
Attempt = tuple[str, int]
"""Task run and number."""
SHOWN = 10
"""Of what went wrong, so many are told."""


@dataclass
class Seen:
    """Records of topics that expire, seen as they came."""

    watch: Watch
    reports: list[Any] = field(default_factory=list)
    dead: list[Any] = field(default_factory=list)


@contextlib.asynccontextmanager
async def seeing(kafka: KafkaSettings) -> AsyncIterator[Seen]:
    async with watching(kafka) as watch:
        seen = Seen(watch)
        async with (
            following(kafka, "executions.reports", seen.reports.append),
            following(kafka, "dead", seen.dead.append),
        ):
            yield seen


@dataclass
class Evidence:
    life: Life
    journal: list[JournalRecord]
    """Valid records, without those of a fenced owner."""
    ended_attempts: set[Attempt]
    """Attempts that a worker reported."""
    dead: list[str]
    cut: bool = False
    """Whether the beginning of a journal is gone, because a snapshot has it."""

    @classmethod
    async def gather(cls, kafka: KafkaSettings, seen: Seen) -> Evidence:
        """Add what the journals have now to what was seen while it happened."""
        reports = [_reports.decode(r.value) for r in seen.reports]
        journal = await records_of(kafka, "executions.journal")
        first: dict[int, int] = {}
        for record in journal:
            first[record.partition] = min(record.offset, first.get(record.partition, record.offset))
        return cls(
            seen.watch.life,
            list(_valid(journal)),
            {
                (report.task_run_id, report.attempt)
                for report in reports
                if isinstance(report, AttemptEnded) and report.outcome not in {"lost", "cancelled"}
            },
            [record.value.decode() for record in seen.dead],
            any(first.values()),
        )


def _valid(records: list[Any]) -> Iterator[JournalRecord]:
    """Yield records in the order of offsets by partition. A reader ignores records of lower epochs."""
    epochs: dict[int, int] = {}
    for record in sorted(records, key=lambda r: (r.partition, r.offset)):
        decoded = decode_record(record.value)
        if decoded.epoch >= epochs.get(record.partition, 0):
            epochs[record.partition] = decoded.epoch
            yield decoded


def wrong_ends(life: Life, accepted: dict[int, str]) -> list[str]:
    """Check that every accepted execution exists once, ended once, and has the state and outputs that its flow must give."""
    problems = []
    by_number: dict[int, list[SeenExecution]] = {}
    for seen in life.executions.values():
        by_number.setdefault(int(seen.inputs["n"]), []).append(seen)
    for n, execution_id in accepted.items():
        found = by_number.pop(n, [])
        if [seen.id for seen in found] != [execution_id]:
            problems.append(f"n={n}: executions {[seen.id for seen in found]} instead of {execution_id}")
            continue
        problems += [f"n={n} {execution_id}: {problem}" for problem in _wrong_end(life, found[0], n)]
    return problems + [f"n={n} was never acknowledged and ran: {each}" for n, each in by_number.items()]


def _wrong_end(life: Life, seen: SeenExecution, n: int) -> Iterator[str]:
    ends = [event for event in life.events[seen.id] if isinstance(event, ExecutionEnded)]
    if len(ends) != 1:
        yield f"ended {len(ends)} times"
    if is_to_be_killed(n) and seen.state is State.KILLED:
        yield from _wrong_kill(seen, n)
        return
    if seen.state is not State.SUCCESS:
        yield f"{seen.state}: {seen.reason}; {[(r.name, r.message) for r in seen.runs.values() if r.message]}"
    if seen.states() != expected_states(n):
        yield f"states {seen.states()}"
    if seen.outputs != expected_result(n):
        yield f"outputs {seen.outputs}"
    given = {run.name: run.outputs for run in seen.runs.values()}
    for name, wanted in expected_outputs(n).items():
        if given.get(name) != wanted:
            yield f"outputs of {name}: {given.get(name)} instead of {wanted}"


def _wrong_kill(seen: SeenExecution, n: int) -> Iterator[str]:
    """A kill leaves nothing open, and changes nothing that had ended."""
    expected = expected_states(n)
    for name, state in seen.states().items():
        # Its first attempt fails by itself, and is not tried again then.
        if state not in {"KILLED", expected[name]} and (name, state) != ("flaky", "FAILED"):
            yield f"{name} is {state}, not KILLED or {expected[name]}"


def journal_differs(evidence: Evidence) -> list[str]:
    """Check that the public events are those of the journal, in the same order. Of what is left of a journal they are the last."""
    recorded: dict[str, list[bytes]] = {}
    for record in evidence.journal:
        for raw in record.events:
            if json.loads(raw)["type"] in _PUBLIC:
                event = _events.decode(raw)
                assert isinstance(event, ExecutionEvent)
                recorded.setdefault(event.execution_id, []).append(encode(event))
    public = {i: [encode(event) for event in told] for i, told in evidence.life.events.items()}
    return [
        f"{i}: journal and public events differ"
        for i in recorded.keys() | public.keys()
        if not _is_end(recorded.get(i, []), public.get(i, []), whole=not evidence.cut)
    ]


def _is_end(recorded: list[bytes], public: list[bytes], *, whole: bool) -> bool:
    return public[len(public) - len(recorded) :] == recorded if not whole else public == recorded


def submitted(evidence: Evidence) -> set[Attempt]:
    """Return the attempts whose dispatch is in the journal."""
    found: set[Attempt] = set()
    for told in evidence.life.events.values():
        for event in told:
            if isinstance(event, TaskRunSubmitted):
                found.add((event.task_run_id, event.attempt))
            elif isinstance(event, TaskRunCreated) and event.state is State.SUBMITTED:
                found.add((event.task_run_id, 1))
    return found


def marked_attempts(marks: Path) -> set[Attempt]:
    """Return the attempts whose script ran, by the files that it left."""
    lines = marks.read_text().splitlines() if marks.exists() else []
    return {(run, int(number)) for _, run, number in map(str.split, lines)}


def most_running(life: Life, flow_id: str) -> int:
    """Return how many executions of a flow held a slot at the same time, at most."""
    moves: list[tuple[int, int]] = []
    for told in life.events.values():
        created = told[0]
        assert isinstance(created, ExecutionCreated)
        if created.flow_id == flow_id:
            # Only the first one. After a retry's delay it turns RUNNING again, but it kept its slot meanwhile.
            moves += [(event.at, 1) for event in told if isinstance(event, ExecutionStarted)][:1]
            moves += [(event.at, -1) for event in told if isinstance(event, ExecutionEnded)]
    most = running = 0
    for _, move in sorted(moves):
        running += move
        most = max(most, running)
    return most


def over_limit(life: Life) -> list[str]:
    most = most_running(life, "api")
    return [f"{most} executions of flow api ran at once, the limit is {LIMIT}"] if most > LIMIT else []


async def rows_behind(database: asyncpg.Connection, life: Life) -> list[str]:
    """Return executions whose row is behind their last event."""
    rows = {row["id"]: row["seq"] for row in await database.fetch("SELECT id, seq FROM executions")}
    return [
        f"{i}: row at {rows.get(i)}, log at {e.seq}"
        for i, e in life.executions.items()
        if rows.get(i) != e.seq
    ]


async def rows_differ(database: asyncpg.Connection, life: Life) -> list[str]:
    """Compare the projection with the fold."""
    rows = {row["id"]: row for row in await database.fetch("SELECT * FROM executions")}
    problems = [f"{i}: a row without events" for i in rows.keys() - life.executions.keys()]
    for i, seen in life.executions.items():
        if i not in rows:
            problems.append(f"{i}: no row")
        else:
            problems += _unlike(i, _execution_columns(life, seen), dict(rows[i]))
    runs = {(row["execution_id"], row["id"]): row for row in await database.fetch("SELECT * FROM task_runs")}
    folded = {(i, run.id): run for i, seen in life.executions.items() for run in seen.runs.values()}
    problems += [f"{key}: task run in only one of them" for key in runs.keys() ^ folded.keys()]
    for key in runs.keys() & folded.keys():
        problems += _unlike("/".join(key), _run_columns(folded[key]), dict(runs[key]))
    return problems


def _execution_columns(life: Life, seen: SeenExecution) -> dict[str, Any]:
    created = life.events[seen.id][0]
    assert isinstance(created, ExecutionCreated)
    return {
        "seq": seen.seq,
        "namespace": created.namespace,
        "flow_id": created.flow_id,
        "revision": created.revision,
        "state": seen.state.value,
        "inputs": seen.inputs,
        "outputs": seen.outputs,
        "labels": [{"key": key, "value": value} for key, value in seen.labels.items()],
        "histories": [state.value for state in seen.histories],
        "reason": seen.reason,
        "trigger_id": created.trigger and created.trigger.id,
    }


def _run_columns(run: SeenRun) -> dict[str, Any]:
    return {
        "task_id": run.task_id,
        "parent_id": run.parent_id,
        "value": run.value,
        "iteration": run.iteration,
        "state": run.state.value,
        "outputs": run.outputs,
        "message": run.message,
    }


def _unlike(what: str, folded: dict[str, Any], row: dict[str, Any]) -> list[str]:
    problems = []
    for column, wanted in folded.items():
        value = row[column]
        if column in {"inputs", "outputs", "labels", "histories"}:
            value = json.loads(value)
        if column == "histories":
            value = [state for state, _ in value]
        if value != wanted:
            problems.append(f"{what}: {column} is {value!r} in the row, {wanted!r} in the log")
    return problems


def none(problems: list[str]) -> None:
    assert not problems, f"{len(problems)} problems:\n" + "\n".join(problems[:SHOWN])
