"""Writes flows: sends commands to the registry in one batch, collects its answers, and waits until reads see the change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Literal
from uuid import uuid4

from contracts.registry import DeleteFlow, DeleteRevisions, FlowState, PutFlow, RegistryCommand
from contracts.reply import Reply
from contracts.scalars import flow_key
from services.web.core.write.flow import Sourced
from services.web.ports import FLOWS, FlowTable, Log, Projection, Replies
from services.web.shell.request import ask
from toccata.runtime.clock import monotonic, now_ms

Mode = Literal["create", "update", "upsert"]
VISIBLE_SECONDS = 5.0


class FlowWrites:
    def __init__(self, log: Log, replies: Replies, table: FlowTable, projection: Projection) -> None:
        self._log = log
        self._replies = replies
        self._table = table
        self._projection = projection
        self._learnt: dict[tuple[str, str], int] = {}
        """The latest revision of each flow in the table, with deleted flows."""
        self._changed = asyncio.Event()
        table.on_change(self._learn)

    async def put(
        self, flows: Sequence[Sourced], mode: Mode, *, expected_revision: int | None = None
    ) -> list[Reply]:
        """One reply for each flow, in order. Returns when reads see the accepted ones."""
        at = now_ms()
        return await self._ask(
            [
                PutFlow(
                    namespace=flow.namespace,
                    flow_id=flow.flow_id,
                    source=flow.source,
                    mode=mode,
                    at=at,
                    request_id=uuid4().hex,
                    reply_to=self._replies.partition,
                    expected_revision=expected_revision,
                )
                for flow in flows
            ]
        )

    async def delete(self, flows: Sequence[tuple[str, str]]) -> list[Reply]:
        at = now_ms()
        return await self._ask(
            [
                DeleteFlow(
                    namespace=namespace,
                    flow_id=flow_id,
                    at=at,
                    request_id=uuid4().hex,
                    reply_to=self._replies.partition,
                )
                for namespace, flow_id in flows
            ]
        )

    async def delete_revisions(self, namespace: str, flow_id: str, revisions: Sequence[int]) -> Reply:
        """Returns when reads do not see them any more."""
        command = DeleteRevisions(
            namespace=namespace,
            flow_id=flow_id,
            revisions=list(revisions),
            at=now_ms(),
            request_id=uuid4().hex,
            reply_to=self._replies.partition,
        )
        (reply,) = await self._ask([command])
        if reply.accepted:
            await self._seen(
                lambda: all(self._table.get(namespace, flow_id, each) is None for each in revisions)
            )
        return reply

    async def _ask(self, commands: Sequence[RegistryCommand]) -> list[Reply]:
        if not commands:
            return []
        requests = [
            (command.request_id, flow_key(command.namespace, command.flow_id), command)
            for command in commands
        ]
        replies = await ask("registry.commands", self._log, self._replies, requests, "registry")
        await self._visible(
            {
                (command.namespace, command.flow_id): reply.revision
                for command, reply in zip(commands, replies, strict=True)
                if reply.accepted and reply.revision is not None
            }
        )
        return replies

    async def _visible(self, revisions: dict[tuple[str, str], int]) -> None:
        if revisions:
            await self._seen(
                lambda: all(self._learnt.get(key, -1) >= number for key, number in revisions.items())
            )

    async def _seen(self, there: Callable[[], bool]) -> None:
        """The wait is bounded. After it, a read may be a moment behind a write that is made."""
        deadline = monotonic() + VISIBLE_SECONDS
        while not there():
            self._changed.clear()
            try:
                async with asyncio.timeout(max(0.0, deadline - monotonic())):
                    await self._changed.wait()
            except TimeoutError:
                return
        left = max(0.0, deadline - monotonic())
        await self._projection.wait_for(FLOWS, 0, self._table.position, left)

    def _learn(self, state: FlowState) -> None:
        key = (state.namespace, state.flow_id)
        self._learnt[key] = max(state.revision, self._learnt.get(key, -1))
        self._changed.set()
