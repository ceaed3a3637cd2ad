"""Restarts and replays whose task runs fit no record. They come in parts, then the command; further steps restore a page each.

Nothing else happens to the execution until it has all its runs. A kill in between is remembered, and applied then.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from contracts.codec import encode
from contracts.execution import (
    CommandInParts,
    ExecutionRecord,
    KillExecution,
    Replay,
    RestartExecution,
    RunsPart,
    RunsRestored,
    StartExecution,
    TaskRunRecord,
)
from contracts.message import Message
from contracts.states import State
from services.executor.executions.decide import start
from services.executor.executions.decide.kill import kill
from services.executor.executions.decide.replay import is_complete, note_restarted, taken_by
from services.executor.executions.decide.restart import (
    begin_again,
    kept_by,
    mark_of,
    reopen_loops,
    restart_in_parts,
)
from services.executor.executions.ending import end_with_open_runs
from services.executor.executions.event import (
    ExecutionEnding,
    KillForgotten,
    KillRemembered,
    PartKept,
    RestoreBegun,
    RestoreEnded,
    TransferDropped,
)
from services.executor.executions.state import Restoring
from services.executor.executions.transfer import KEPT_MS, MOST_PARTS, Page
from services.executor.executions.turn import AnyTurn, Turn

PAGE_BYTES = 150_000
_REMOVED_PER_PAGE = 4_000
MISSING = (
    "The task runs of the execution did not all arrive, because a part was refused or waited for more than "
    f"{KEPT_MS // 60_000} minutes. Nothing was done: ask again"
)


def keep(turn: AnyTurn, part: RunsPart) -> None:
    """Keep a part until its command comes. Beyond the limits it is dropped, and the command finds it missing."""
    transfers = turn.state.transfers
    known = transfers.by_id.get(part.transfer_id)
    if known is not None and (known.execution_id != part.execution_id or part.number in known.parts):
        return
    if transfers.count >= MOST_PARTS or not 0 <= part.number < MOST_PARTS:
        return
    turn.note(PartKept(part=part, at=turn.at))
    if known is None:
        turn.timer(_drop_timer(part.execution_id, part.transfer_id), turn.at + KEPT_MS)


def drop(turn: AnyTurn, execution_id: str, transfer_id: str) -> None:
    """Forget parts whose command has not come, unless they are being restored."""
    if _is_restored(turn, execution_id, transfer_id):
        turn.timer(_drop_timer(execution_id, transfer_id), turn.at + KEPT_MS)
    else:
        forget(turn, execution_id, transfer_id)


def _is_restored(turn: AnyTurn, execution_id: str, transfer_id: str) -> bool:
    execution = turn.state.executions.get(execution_id)
    restoring = execution.restoring if execution is not None else None
    return restoring is not None and restoring.command.transfer_id == transfer_id


def forget(turn: AnyTurn, execution_id: str, transfer_id: str) -> None:
    """Forget parts that nobody needs. A command that came twice may say so of parts that are being restored."""
    if transfer_id in turn.state.transfers.by_id and not _is_restored(turn, execution_id, transfer_id):
        turn.note(TransferDropped(transfer_id=transfer_id))
        turn.timer(_drop_timer(execution_id, transfer_id), None)


def runs_of(turn: AnyTurn, command: CommandInParts) -> list[TaskRunRecord] | None:
    """Return the task runs that came before the command. None if some are missing."""
    transfer = turn.state.transfers.by_id.get(command.transfer_id)
    if transfer is None or transfer.execution_id != command.execution_id:
        return None
    return transfer.runs(command.parts)


def begin_restart(turn: Turn, command: CommandInParts, record: ExecutionRecord) -> None:
    """``record`` is the latest of an ended execution, without its task runs."""
    runs = runs_of(turn, command)
    if runs is None:
        turn.log("ERROR", MISSING)
        forget(turn, command.execution_id, command.transfer_id)
    elif restart_in_parts(turn, record, command, runs):
        _begin(turn, command, asks=False)
    else:
        forget(turn, command.execution_id, command.transfer_id)


def begin_replay(turn: Turn, command: CommandInParts, *, asks: bool) -> None:
    """The new execution has just been created, and all task runs are there. ``asks``: its inputs wait for a worker."""
    note_restarted(turn, [], continued=True)
    _begin(turn, command, asks=asks)


def _begin(turn: Turn, command: CommandInParts, *, asks: bool) -> None:
    execution_id = turn.execution.id
    turn.note(RestoreBegun(execution_id=execution_id, command=_slim(command), at=turn.at, asks=asks))
    turn.timer(f"restore/{execution_id}", turn.at)


def _slim(command: CommandInParts) -> CommandInParts:
    """Leave out what the execution has already."""
    restart, begun = command.restart, command.start
    if restart is not None and restart.record is not None:
        restart = msgspec.structs.replace(restart, record=_slim_record(restart.record))
    if begun is not None and begun.replay is not None:
        replay = msgspec.structs.replace(begun.replay, record=_slim_record(begun.replay.record))
        begun = StartExecution(
            execution_id=begun.execution_id,
            namespace=begun.namespace,
            flow_id=begun.flow_id,
            at=begun.at,
            replay=replay,
        )
    return msgspec.structs.replace(command, restart=restart, start=begun)


def _slim_record(record: ExecutionRecord) -> ExecutionRecord:
    return ExecutionRecord(
        id=record.id,
        namespace=record.namespace,
        flow_id=record.flow_id,
        revision=record.revision,
        seq=record.seq,
        histories=record.histories[-1:],
    )


def go_on(turn: Turn) -> None:
    """Restore the next page. After the last one, the execution begins."""
    restoring = turn.execution.restoring
    if restoring is None:
        return
    pages = _pages(turn, restoring)
    if pages is None:
        reason = MISSING
        ending = ExecutionEnding(
            execution_id=turn.execution.id, state=State.FAILED, runs=State.FAILED, reason=reason
        )
        end_with_open_runs(turn, ending)
    elif restoring.done < len(pages):
        page = pages[restoring.done]
        turn.emit(RunsRestored, removed=page.removed, runs=page.runs, since=restoring.at)
        turn.timer(f"restore/{turn.execution.id}", turn.at)
    else:
        _finish(turn, restoring)


def _finish(turn: Turn, restoring: Restoring) -> None:
    execution_id, command = turn.execution.id, restoring.command
    turn.note(RestoreEnded(execution_id=execution_id))
    forget(turn, execution_id, command.transfer_id)
    if command.restart is not None:
        begin_again(turn, command.restart.children)
    else:
        reopen_loops(turn)
        start.begin_restored(turn, asks=restoring.asks)
    if execution_id in turn.state.early_kills and execution_id in turn.state.executions:
        turn.note(KillForgotten(execution_id=execution_id))
        kill(turn)


def meanwhile(turn: Turn, command: Message) -> None:
    """Nothing but a kill counts while an execution is restored, and that waits."""
    if isinstance(command, KillExecution) and turn.execution.id not in turn.state.early_kills:
        turn.note(KillRemembered(command=command, at=turn.at))


def _pages(turn: Turn, restoring: Restoring) -> list[Page] | None:
    """Return what each step restores. It follows from the parts, so it is the same after a crash."""
    command = restoring.command
    transfer = turn.state.transfers.by_id.get(command.transfer_id)
    runs = runs_of(turn, command)
    if transfer is None or runs is None:
        return None
    return transfer.paged(lambda: list(_paged(*_kept(turn, restoring, runs))))


def _kept(
    turn: Turn, restoring: Restoring, runs: list[TaskRunRecord]
) -> tuple[list[TaskRunRecord], list[str]]:
    command = restoring.command
    if command.restart is not None:
        return _kept_by(turn, command.restart, runs, restoring.at)
    assert command.start is not None
    assert command.start.replay is not None
    return taken_by(turn, whole_replay(command.start.replay, runs), restoring.at), []


def _kept_by(
    turn: Turn, restart: RestartExecution, runs: list[TaskRunRecord], at: int
) -> tuple[list[TaskRunRecord], list[str]]:
    assert restart.record is not None
    whole = msgspec.structs.replace(restart.record, task_runs=runs)
    blueprint = turn.setting.blueprints.of(whole.namespace, whole.flow_id, whole.revision)
    kept = kept_by(blueprint, whole, mark_of(restart), restart.children, at)
    return (kept.runs, kept.removed) if kept is not None else ([], [])


def whole_replay(replay: Replay, runs: list[TaskRunRecord]) -> Replay:
    return msgspec.structs.replace(replay, record=msgspec.structs.replace(replay.record, task_runs=runs))


def replay_refusal(replay: Replay, runs: list[TaskRunRecord] | None) -> str:
    """Say why the runs cannot be taken over. Empty if they can."""
    if runs is None:
        return MISSING
    complete = is_complete(whole_replay(replay, runs).record)
    return "" if complete else "The task runs of the execution to replay are not complete"


def _paged(runs: list[TaskRunRecord], removed: list[str]) -> Iterable[Page]:
    for first in range(0, len(removed), _REMOVED_PER_PAGE):
        yield Page(removed[first : first + _REMOVED_PER_PAGE], [])
    page: list[TaskRunRecord] = []
    size = 0
    for run in runs:
        page.append(run)
        size += len(encode(run))
        if size > PAGE_BYTES:
            yield Page([], page)
            page, size = [], 0
    if page:
        yield Page([], page)


def _drop_timer(execution_id: str, transfer_id: str) -> str:
    return f"drop/{execution_id}/{transfer_id}"
