"""Sends commands to triggers, waits for the answers, and makes the change visible to the next read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypedDict
from uuid import uuid4

from contracts.reply import Reply
from contracts.scalars import Millis, trigger_key
from contracts.trigger import AskedOfTrigger, SetTriggerDisabled, UnlockTrigger
from services.web.core.problem import bad_request, conflict, not_found
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


class Asked(TypedDict):
    """The fields of every command that somebody waits for."""

    namespace: str
    flow_id: str
    trigger_id: str
    at: Millis
    request_id: str
    reply_to: int | None


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

        def command(asked: Asked) -> SetTriggerDisabled:
            return SetTriggerDisabled(**asked, disabled=disabled)

        rows = await self.tell(keys, command)
        for key in keys:
            self._seen[key] = (monotonic(), disabled)
        return rows

    async def unlock(self, key: Key) -> TriggerRow:
        before = await self.get(key)
        namespace, flow_id, trigger_id = key
        if before.execution_id is None and before.evaluating_at is None:
            raise conflict(
                f"trigger [tenant=main, namespace={namespace}, flow={flow_id}, trigger={trigger_id}] is already unlocked"
            )
        return (await self.tell([key], _unlocking))[0]

    async def unlock_all(self, keys: Sequence[Key]) -> list[TriggerRow]:
        """Unlock the locked ones, and give them. Changes none of them unless all exist."""
        before = [await self.get(key) for key in dict.fromkeys(keys)]
        locked = [key_of(row) for row in before if row.execution_id or row.evaluating_at]
        return await self.tell(locked, _unlocking)

    async def tell(self, keys: Sequence[Key], command: Callable[[Asked], AskedOfTrigger]) -> list[TriggerRow]:
        """Send each trigger its command, and give the rows that show the changes. Changes none of them unless all exist.

        Raises Problem for the first refusal."""
        for key in keys:
            await self.get(key)
        if not keys:
            return []
        at = now_ms()
        commands = [command(_asked(key, at, self._replies.partition)) for key in keys]
        requests = [
            (each.request_id or "", trigger_key(each.namespace, each.flow_id, each.trigger_id), each)
            for each in commands
        ]
        replies = await ask("triggers.commands", self._log, self._replies, requests, "trigger-listener")
        for reply in replies:
            _check(reply)
        return [await self._after(key, reply) for key, reply in zip(keys, replies, strict=True)]

    async def _after(self, key: Key, reply: Reply) -> TriggerRow:
        """The row when it shows the change, or as it is if that takes too long."""
        row = await self.get(key)
        for _ in range(int(VISIBLE_SECONDS / 0.05)):
            if reply.code == "unchanged" or row.updated_at >= reply.at:
                break
            await asyncio.sleep(0.05)
            row = await self.get(key)
        return row


def key_of(row: TriggerRow) -> Key:
    return row.namespace, row.flow_id, row.trigger_id


def _asked(key: Key, at: Millis, reply_to: int | None) -> Asked:
    namespace, flow_id, trigger_id = key
    return {
        "namespace": namespace,
        "flow_id": flow_id,
        "trigger_id": trigger_id,
        "at": at,
        "request_id": uuid4().hex,
        "reply_to": reply_to,
    }


def _unlocking(asked: Asked) -> UnlockTrigger:
    return UnlockTrigger(**asked)


def _check(reply: Reply) -> None:
    """Raises Problem for a refusal."""
    if reply.code == "missing":
        raise not_found("Trigger not found")
    if reply.code == "invalid":
        raise bad_request(reply.reason)
    if not reply.accepted:
        raise conflict(reply.reason or "the trigger refused it")
