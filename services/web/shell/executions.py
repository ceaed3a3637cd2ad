"""Executions on behalf of a caller: commands are appended, and the answer waits for what the executor made of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import ExitStack
from copy import deepcopy
from functools import partial

from contracts import codec
from contracts.codec import Codec, UnreadableMessage
from contracts.execution import KillExecution, RestartExecution, StartExecution
from contracts.message import Message
from contracts.scalars import Millis
from contracts.states import ENDED, State
from services.web.adapters.event_tail import TOPIC, EventTail
from services.web.adapters.postgres import PostgresRows
from services.web.core.live import Live, of_row
from services.web.core.problem import (
    BulkProblem,
    Problem,
    conflict,
    invalid_entity,
    not_found,
    unavailable,
)
from services.web.core.rows import ExecutionRow, record_of
from services.web.ports import Projection
from services.web.shell.admission import Admission
from services.web.shell.following import Following
from toccata.runtime.clock import monotonic, now_ms
from toccata.runtime.errors import RecordTooLarge
from toccata.runtime.kafka import Producer, Record

REACTION_SECONDS = 10.0
"""How long an answer waits for what the executor does with a command."""
SETTLE_SECONDS = 2.0
WAIT_SECONDS = 3600.0
FRAME_SECONDS = 0.2
"""Between two snapshots of a stream: bursts are one."""
HEARTBEAT_SECONDS = 15.0

RESTARTABLE = frozenset({State.FAILED, State.KILLED, State.CANCELLED, State.WARNING, State.PAUSED})
_starts: Codec[StartExecution] = Codec(StartExecution)
_Check = Callable[[Live], str]
"""Why the execution cannot be acted on; empty when it can."""


class Executions:
    def __init__(
        self,
        producer: Producer,
        tail: EventTail,
        rows: PostgresRows,
        projection: Projection,
        admission: Admission,
    ) -> None:
        self._producer = producer
        self._tail = tail
        self._rows = rows
        self._projection = projection
        self._admission = admission

    async def submit(self, command: StartExecution) -> None:
        """Appended when this returns; nothing is awaited of the executor."""
        self._admission.check()
        _check_readable(command)
        # Before the append: its first event may be here before the acknowledgement is.
        self._tail.expect(command.execution_id)
        try:
            await self._append("executions.starts", command.execution_id, command)
        except BaseException:
            # Not acknowledged: a caller who asks again must not be told that it was.
            self._tail.forget(command.execution_id)
            raise

    async def start(self, command: StartExecution, *, wait: bool, repeatable: bool = False) -> Live | None:
        """The execution as it is once the executor took it, or once it ended; None when that took too long.

        ``repeatable``: the id may be known already, and its start then changes nothing."""
        if repeatable:
            known = await self.find(command.execution_id)
            if known is not None and (known.ended or not wait):
                return known
        with self._tail.watch(command.execution_id) as watch:
            following = Following(watch, self._rows, self._projection)
            await self.submit(command)
            if repeatable:
                await following.load()
            deadline = monotonic() + (WAIT_SECONDS if wait else REACTION_SECONDS)
            await self._until(following, lambda live: live.ended or not wait, deadline)
            return following.live

    async def find(self, execution_id: str) -> Live | None:
        row = await self.row(execution_id)
        return None if row is None else of_row(row)

    async def get(self, execution_id: str) -> Live:
        """Raises Problem 404."""
        found = await self.find(execution_id)
        if found is None:
            raise not_found()
        return found

    async def row(self, execution_id: str) -> ExecutionRow | None:
        """Not older than what this web has accepted or seen of it, within bounds."""
        await self.settle(execution_id)
        found = await self._rows.get_execution(execution_id)
        if found is None and self._tail.recent(execution_id) is not None:
            raise unavailable("The execution was accepted and is not visible yet: ask again")
        return found

    async def settle(self, execution_id: str) -> None:
        """Wait until the projection has what is known of a recent execution."""
        deadline = monotonic() + SETTLE_SECONDS
        recent = self._tail.recent(execution_id)
        if recent is not None and recent[1] < 0:
            with self._tail.watch(execution_id) as watch:
                await watch.next(SETTLE_SECONDS)
            recent = self._tail.recent(execution_id)
        if recent is not None and recent[1] >= 0:
            await self._projection.wait_for(TOPIC, *recent, max(0.0, deadline - monotonic()))

    async def kill(self, execution_id: str, *, strict: bool) -> Live:
        """``strict``: an ended execution is a conflict; else it is given as it is."""
        live = await self.get(execution_id)
        refusal = not_killable(live)
        if refusal and not strict:
            return live
        if refusal:
            raise conflict(refusal)
        return (await self._act([(live, KillExecution(execution_id=execution_id, at=now_ms()))]))[0]

    async def restart(self, execution_id: str) -> Live:
        row = await self.row(execution_id)
        if row is None:
            raise not_found()
        refusal = not_restartable(of_row(row))
        if refusal:
            raise conflict(refusal)
        return (await self._act([(of_row(row), _restart(row, now_ms()))]))[0]

    async def kill_all(self, ids: Sequence[str]) -> int:
        rows = await self._checked("kill", ids, not_killable_bulk)
        await self._act([(of_row(row), KillExecution(execution_id=row.id, at=now_ms())) for row in rows])
        return len(rows)

    async def restart_all(self, ids: Sequence[str]) -> int:
        rows = await self._checked("restart", ids, not_restartable)
        await self._act([(of_row(row), _restart(row, now_ms())) for row in rows])
        return len(rows)

    async def follow(self, execution_id: str) -> AsyncGenerator[Live | None, None]:
        """Snapshots, the last one ended unless web stops; None after each stretch of silence.

        Raises Problem 404 before the first."""
        with self._tail.watch(execution_id) as watch:
            following = Following(watch, self._rows, self._projection)
            # Events before the watch began are taken from the projection, so it must have them.
            await self.settle(execution_id)
            if await following.load() is None and not await following.advance(REACTION_SECONDS):
                raise not_found()
            assert following.live is not None
            yield following.live
            while not settled(following.live) and not self._tail.closed:
                if await following.advance(HEARTBEAT_SECONDS):
                    if not settled(following.live):
                        await asyncio.sleep(FRAME_SECONDS)
                        if watch.pending:
                            await following.advance(0)
                    yield following.live
                else:
                    yield None

    async def _checked(self, action: str, ids: Sequence[str], check: _Check) -> list[ExecutionRow]:
        """All of them, or a Problem that names those that cannot be acted on."""
        rows, invalids = [], []
        for execution_id in dict.fromkeys(ids):
            row = await self.row(execution_id)
            refusal = "execution not found" if row is None else check(of_row(row))
            if refusal:
                invalids.append((execution_id, refusal))
            elif row is not None:
                rows.append(row)
        if invalids:
            raise BulkProblem(action, invalids)
        return rows

    async def _act(self, wishes: list[tuple[Live, KillExecution | RestartExecution]]) -> list[Live]:
        """Send all in one batch; each execution as it is after its next event."""
        with ExitStack() as stack:
            followings = []
            for live, _ in wishes:
                following = Following(
                    stack.enter_context(self._tail.watch(live.id)), self._rows, self._projection
                )
                following.live = deepcopy(live)
                followings.append(following)
            records = [_record(live.id, command) for live, command in wishes]
            try:
                await self._producer.send("executions.commands", records)
            except RecordTooLarge as error:
                raise Problem(422, "invalid-argument", f"The execution is too large: {error}") from error
            deadline = monotonic() + REACTION_SECONDS
            for following, (live, command) in zip(followings, wishes, strict=True):
                kill = isinstance(command, KillExecution)
                await self._until(following, _killed if kill else partial(_past, live.seq), deadline)
            return [following.live for following in followings if following.live is not None]

    async def _until(self, following: Following, done: Callable[[Live], bool], deadline: float) -> None:
        while following.live is None or not done(following.live):
            left = deadline - monotonic()
            if left <= 0:
                return
            if self._tail.closed:
                raise unavailable("This server stops; the execution goes on")
            await following.advance(left)

    async def _append(self, topic: str, execution_id: str, command: Message) -> None:
        try:
            appended = self._producer.post(topic, _record(execution_id, command))
        except RecordTooLarge as error:
            raise Problem(413, "payload-too-large", f"Payload too large: {error}") from error
        # Shielded: the future belongs to all requests of the batch, one caller's hanging up must not end it.
        await asyncio.shield(appended)


def _check_readable(command: StartExecution) -> None:
    """What the executor would bury must not be acknowledged: too deep, a date beyond the year 9999. Raises Problem."""
    try:
        _starts.decode(codec.encode(command))
    except UnreadableMessage as unreadable:
        raise invalid_entity(f"no execution can be started with this: {unreadable.reason}") from unreadable
    except (UnicodeEncodeError, RecursionError) as error:
        raise invalid_entity(f"no execution can be started with this: {error}") from error


def not_killable(live: Live) -> str:
    if live.ended:
        return f"Cannot kill execution: current state is '{live.state}', expected not terminated."
    return ""


def not_killable_bulk(live: Live) -> str:
    return "execution already finished" if live.ended else ""


def not_restartable(live: Live) -> str:
    if live.state in RESTARTABLE:
        return ""
    return f"Cannot restart execution: current state is '{live.state}', expected terminated or paused."


def _restart(row: ExecutionRow, at: Millis) -> RestartExecution:
    return RestartExecution(execution_id=row.id, at=at, record=record_of(row))


def _killed(live: Live) -> bool:
    return live.state is State.KILLING or live.ended


def _past(seq: int, live: Live) -> bool:
    return live.seq > seq


def settled(live: Live) -> bool:
    """Ended, and with it everything that runs after the end."""
    return live.ended and all(run.state in ENDED for run in live.task_runs.values())


def _record(execution_id: str, command: Message) -> Record:
    return Record(execution_id.encode(), codec.encode(command))
