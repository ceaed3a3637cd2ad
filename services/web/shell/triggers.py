"""Sends commands to triggers, waits for the answers, and makes the change visible to the next read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from uuid import uuid4

from contracts.reply import Reply
from contracts.scalars import trigger_key
from contracts.trigger import SetTriggerDisabled, UnlockTrigger
from services.web.core.problem import conflict, not_found
from services.web.core.rows import TriggerRow
from services.web.ports import FlowTable, Log, Replies, Rows
from services.web.shell.request import ask
from toccata.runtime.clock import monotonic, now_ms
from toccata.runtime.errors import Transient

VISIBLE_SECONDS = 2.0
SEEN_SECONDS = 1.0
MOST_SEEN = 10_000
Key = tuple[str, str, str]
"""Namespace, flow id, trigger id."""


class Triggers:
    def __init__(self, log: Log, replies: Replies, rows: Rows, table: FlowTable) -> None:
        self._log = log
        self._replies = replies
        self._rows = rows
        self._table = table
        self._seen: dict[Key, tuple[float, bool]] = {}
        """When it was last looked whether a trigger is switched off, and what was found."""

    async def get(self, key: Key) -> TriggerRow:
        """Raises Problem 404. A trigger of a flow that was just saved is waited for."""
        deadline = monotonic() + VISIBLE_SECONDS
        while True:
            found = await self._rows.trigger(*key)
            if found is not None:
                return found
            if not self._written(key) or monotonic() > deadline:
                raise not_found("Trigger not found")
            await asyncio.sleep(0.05)

    def _written(self, key: Key) -> bool:
        namespace, flow_id, trigger_id = key
        plan = self._table.plan(namespace, flow_id)
        return plan is not None and any(each.id == trigger_id for each in plan.flow.triggers)

    async def is_off(self, key: Key) -> bool:
        """Whether the trigger was switched off over the API, as it was at most a second ago. While the database is away, what was
        seen last counts."""
        at, off = self._seen.get(key, (float("-inf"), False))
        if monotonic() - at < SEEN_SECONDS:
            return off
        with suppress(Transient):
            row = await self._rows.trigger(*key)
            off = row is not None and row.disabled
        if len(self._seen) >= MOST_SEEN:
            self._seen.clear()
        self._seen[key] = (monotonic(), off)
        return off

    async def set_disabled(self, keys: Sequence[Key], *, disabled: bool) -> list[TriggerRow]:
        """Changes none of them unless all exist."""
        before = [await self.get(key) for key in keys]
        at = now_ms()
        commands = [
            SetTriggerDisabled(
                namespace=namespace,
                flow_id=flow_id,
                trigger_id=trigger_id,
                disabled=disabled,
                at=at,
                request_id=uuid4().hex,
                reply_to=self._replies.partition,
            )
            for namespace, flow_id, trigger_id in keys
        ]
        await self._ask(commands)
        for key in keys:
            self._seen[key] = (monotonic(), disabled)
        return [await self._after(row, disabled=disabled, locked=None) for row in before]

    async def unlock(self, key: Key) -> TriggerRow:
        before = await self.get(key)
        namespace, flow_id, trigger_id = key
        if before.execution_id is None and before.evaluating_at is None:
            raise conflict(
                f"trigger [tenant=main, namespace={namespace}, flow={flow_id}, trigger={trigger_id}] is already unlocked"
            )
        return (await self._unlock([before]))[0]

    async def unlock_all(self, keys: Sequence[Key]) -> list[TriggerRow]:
        """Unlock the locked ones, and give them. Changes none of them unless all exist."""
        before = [await self.get(key) for key in dict.fromkeys(keys)]
        return await self._unlock([row for row in before if row.execution_id or row.evaluating_at])

    async def _unlock(self, before: Sequence[TriggerRow]) -> list[TriggerRow]:
        if not before:
            return []
        at = now_ms()
        commands = [
            UnlockTrigger(
                namespace=row.namespace,
                flow_id=row.flow_id,
                trigger_id=row.trigger_id,
                at=at,
                request_id=uuid4().hex,
                reply_to=self._replies.partition,
            )
            for row in before
        ]
        await self._ask(commands)
        return [await self._after(row, disabled=None, locked=False) for row in before]

    async def _ask(self, commands: Sequence[SetTriggerDisabled | UnlockTrigger]) -> list[Reply]:
        requests = [
            (
                command.request_id or "",
                trigger_key(command.namespace, command.flow_id, command.trigger_id),
                command,
            )
            for command in commands
        ]
        replies = await ask("triggers.commands", self._log, self._replies, requests, "trigger-listener")
        for reply in replies:
            if reply.code == "missing":
                raise not_found("Trigger not found")
            if not reply.accepted:
                raise conflict(reply.reason or "the trigger refused it")
        return replies

    async def _after(self, before: TriggerRow, *, disabled: bool | None, locked: bool | None) -> TriggerRow:
        """The row when it shows the change, or as it is if that takes too long."""
        key = (before.namespace, before.flow_id, before.trigger_id)
        row = before
        for _ in range(int(VISIBLE_SECONDS / 0.05)):
            row = await self.get(key)
            shows_disabled = disabled is None or row.disabled is disabled
            if shows_disabled and (locked is None or (row.execution_id is not None) is locked):
                break
            await asyncio.sleep(0.05)
        return row
