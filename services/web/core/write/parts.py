"""Splits a restart or a replay that is too large for one record: its task runs go in parts before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import msgspec

from contracts.codec import encode
from contracts.execution import (
    CommandInParts,
    ExecutionRecord,
    RestartExecution,
    RunsPart,
    StartExecution,
    TaskRunRecord,
)
from contracts.message import Message
from contracts.scalars import Millis, derive_id
from services.web.core.problem import Problem

WHOLE_BYTES = 300_000
"""A command of up to this size is one record."""
PART_BYTES = 150_000
MOST_BYTES = 64 * 1024 * 1024
"""The most task runs that travel at all. The executor has them in memory until they are restored."""
_C = TypeVar("_C", bound=Message)


def in_records(command: _C) -> list[Message]:
    """Return the records of a command, in their order. Raise Problem for an execution that is too large to be run again."""
    record = _record_of(command)
    if record is None or not record.task_runs or len(encode(command)) <= WHOLE_BYTES:
        return [command]
    assert isinstance(command, RestartExecution | StartExecution)
    at = command.at
    # Whoever sends the same command again must not mix its parts with those of before.
    transfer_id = derive_id("transfer", command.execution_id, str(at), str(record.seq), record.id)
    parts: list[Message] = [
        RunsPart(execution_id=command.execution_id, transfer_id=transfer_id, number=number, at=at, runs=runs)
        for number, runs in enumerate(_pages(record.task_runs))
    ]
    return [*parts, _without_runs(command, record, transfer_id, len(parts), at)]


def _record_of(command: Message) -> ExecutionRecord | None:
    if isinstance(command, RestartExecution):
        return command.record
    if isinstance(command, StartExecution) and command.replay is not None:
        return command.replay.record
    return None


def _without_runs(
    command: RestartExecution | StartExecution,
    record: ExecutionRecord,
    transfer_id: str,
    parts: int,
    at: Millis,
) -> CommandInParts:
    bare = msgspec.structs.replace(record, task_runs=[])
    restart = start = None
    if isinstance(command, RestartExecution):
        restart = msgspec.structs.replace(command, record=bare)
    else:
        assert command.replay is not None
        replay = msgspec.structs.replace(command.replay, record=bare)
        start = msgspec.structs.replace(command, replay=replay)
    return CommandInParts(
        execution_id=command.execution_id,
        transfer_id=transfer_id,
        parts=parts,
        at=at,
        restart=restart,
        start=start,
    )


def _pages(runs: list[TaskRunRecord]) -> Iterator[list[TaskRunRecord]]:
    page: list[TaskRunRecord] = []
    size = total = 0
    for run in runs:
        weight = len(encode(run))
        total += weight
        if total > MOST_BYTES:
            raise Problem(
                422,
                "invalid-argument",
                f"The execution is too large: its task runs have more than {MOST_BYTES // 1024**2} MiB with their outputs",
            )
        if page and size + weight > PART_BYTES:
            yield page
            page, size = [], 0
        page.append(run)
        size += weight
    yield page
