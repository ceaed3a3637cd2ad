"""Act on one execution or many. The commands go out in one batch, and the answer shows the executor's reaction."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from contracts.message import Message
from contracts.states import ENDED
from services.web.core.live import Live, of_row
from services.web.core.problem import BulkProblem, Problem, bad_request, conflict, not_found
from services.web.core.rows import ExecutionRow
from services.web.core.write.action import Action
from services.web.core.write.parts import in_records
from services.web.ports import Log, Tail
from services.web.shell.executions import Executions
from toccata.runtime.clock import monotonic, now_ms
from toccata.runtime.errors import RecordTooLarge

REACTION_SECONDS = 10.0
"""How long an answer waits for the executor's reaction to a command."""


class Actions:
    def __init__(self, log: Log, tail: Tail, executions: Executions) -> None:
        self._log = log
        self._tail = tail
        self._executions = executions

    async def act(self, action: Action, execution_id: str, *, strict: bool = True) -> Live:
        """With ``strict``, a state that does not allow it is a conflict. Otherwise the execution is returned unchanged."""
        row = await self._executions.row(execution_id)
        if row is None:
            raise not_found()
        live = of_row(row)
        refusal = action.refusal(live)
        if refusal and not strict:
            return live
        self.check(action, live)
        return (await self.send(action, [row]))[0]

    def check(self, action: Action, live: Live) -> None:
        """Raises Problem for a state that does not allow it."""
        refusal = action.refusal(live)
        if refusal:
            detail = action.refused(refusal)
            raise conflict(detail) if action.refused_as == 409 else bad_request(detail)

    async def act_on_all(self, action: Action, ids: Sequence[str]) -> int:
        """Raises a Problem that names those that cannot be acted on. Then nothing is done."""
        return len(await self.send(action, await self.checked(action, ids)))

    async def checked(self, action: Action, ids: Sequence[str]) -> list[ExecutionRow]:
        """The executions that the action is for. Raises a Problem that names those that cannot be acted on."""
        rows, invalids = [], []
        for execution_id in dict.fromkeys(ids):
            row = await self._executions.row(execution_id)
            refusal = "execution not found" if row is None else action.refusal(of_row(row))
            if refusal:
                told = f"{action.many}, {refusal}" if action.many and row is not None else refusal
                invalids.append((execution_id, told))
            elif row is not None:
                rows.append(row)
        if invalids:
            raise BulkProblem(action.name, invalids)
        return rows

    async def _with_children(self, row: ExecutionRow) -> ExecutionRow:
        ended = [each for each in await self._executions.children(row.id) if each.state in ENDED]
        return replace(row, children=tuple(ended))

    async def send(self, action: Action, rows: list[ExecutionRow]) -> list[Live]:
        """Send all commands in one batch, and give each execution after its reaction."""
        if action.with_children:
            rows = [await self._with_children(row) for row in rows]
        commands: list[tuple[str, Message]] = [
            (row.id, part) for row in rows for part in in_records(action.command(row, now_ms()))
        ]
        with ExitStack() as stack:
            followings = []
            for row in rows:
                following = self._executions.following(stack.enter_context(self._tail.watch(row.id)))
                following.live = of_row(row)
                followings.append(following)
            try:
                await self._log.append("executions.commands", commands)
            except RecordTooLarge as error:
                raise Problem(422, "invalid-argument", f"The execution is too large: {error}") from error
            deadline = monotonic() + REACTION_SECONDS
            for following, row in zip(followings, rows, strict=True):
                await following.until(partial(action.done, row.seq), deadline)
            for row in rows:  # so that a search after the answer finds the effect
                await self._executions.settle(row.id)
            return [following.live for following in followings if following.live is not None]
