"""Kill and restart one execution or many. The commands go out in one batch, and the answer shows the executor's reaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from copy import deepcopy
from functools import partial

from contracts.execution import KillExecution, RestartExecution
from contracts.scalars import Millis
from contracts.states import State
from services.web.core.live import Live, of_row
from services.web.core.problem import BulkProblem, Problem, conflict, not_found
from services.web.core.rows import ExecutionRow, record_of
from services.web.ports import Log, Tail
from services.web.shell.executions import Executions
from toccata.runtime.clock import monotonic, now_ms
from toccata.runtime.errors import RecordTooLarge

REACTION_SECONDS = 10.0
"""How long an answer waits for the executor's reaction to a command."""
RESTARTABLE = frozenset({State.FAILED, State.KILLED, State.CANCELLED, State.WARNING, State.PAUSED})
_Check = Callable[[Live], str]
"""Says why the execution cannot be acted on. Empty if it can."""


class Actions:
    def __init__(self, log: Log, tail: Tail, executions: Executions) -> None:
        self._log = log
        self._tail = tail
        self._executions = executions

    async def kill(self, execution_id: str, *, strict: bool) -> Live:
        """With ``strict``, an execution that has ended is a conflict. Otherwise it is returned unchanged."""
        live = await self._executions.get(execution_id)
        refusal = not_killable(live)
        if refusal and not strict:
            return live
        if refusal:
            raise conflict(refusal)
        return (await self._act([(live, KillExecution(execution_id=execution_id, at=now_ms()))]))[0]

    async def restart(self, execution_id: str) -> Live:
        row = await self._executions.row(execution_id)
        if row is None:
            raise not_found()
        refusal = not_restartable(of_row(row))
        if refusal:
            raise conflict(refusal)
        return (await self._act([(of_row(row), _restart(row, now_ms()))]))[0]

    async def kill_all(self, ids: Sequence[str]) -> int:
        rows = await self._checked("kill", ids, not_killable)
        await self._act([(of_row(row), KillExecution(execution_id=row.id, at=now_ms())) for row in rows])
        return len(rows)

    async def restart_all(self, ids: Sequence[str]) -> int:
        rows = await self._checked("restart", ids, not_restartable)
        await self._act([(of_row(row), _restart(row, now_ms())) for row in rows])
        return len(rows)

    async def _checked(self, action: str, ids: Sequence[str], check: _Check) -> list[ExecutionRow]:
        """All of these executions. Raises a Problem that names those that cannot be acted on."""
        rows, invalids = [], []
        for execution_id in dict.fromkeys(ids):
            row = await self._executions.row(execution_id)
            refusal = "execution not found" if row is None else check(of_row(row))
            if refusal:
                invalids.append((execution_id, refusal))
            elif row is not None:
                rows.append(row)
        if invalids:
            raise BulkProblem(action, invalids)
        return rows

    async def _act(self, commands: list[tuple[Live, KillExecution | RestartExecution]]) -> list[Live]:
        """Send all commands in one batch, and give each execution after its next event."""
        with ExitStack() as stack:
            followings = []
            for live, _ in commands:
                following = self._executions.following(stack.enter_context(self._tail.watch(live.id)))
                following.live = deepcopy(live)
                followings.append(following)
            try:
                await self._log.append(
                    "executions.commands", [(live.id, command) for live, command in commands]
                )
            except RecordTooLarge as error:
                raise Problem(422, "invalid-argument", f"The execution is too large: {error}") from error
            deadline = monotonic() + REACTION_SECONDS
            for following, (live, command) in zip(followings, commands, strict=True):
                kill = isinstance(command, KillExecution)
                await following.until(_killed if kill else partial(_past, live.seq), deadline)
            return [following.live for following in followings if following.live is not None]


def not_killable(live: Live) -> str:
    return f"{_is(live)}: there is nothing left to kill" if live.ended else ""


def not_restartable(live: Live) -> str:
    if live.state in RESTARTABLE:
        return ""
    able = sorted(RESTARTABLE)
    return f"{_is(live)}: only {', '.join(able[:-1])} and {able[-1]} executions can be restarted"


def _is(live: Live) -> str:
    return f"The execution {'has ended as' if live.ended else 'is'} {live.state}"


def _restart(row: ExecutionRow, at: Millis) -> RestartExecution:
    return RestartExecution(execution_id=row.id, at=at, record=record_of(row))


def _killed(live: Live) -> bool:
    return live.state is State.KILLING or live.ended


def _past(seq: int, live: Live) -> bool:
    return live.seq > seq
