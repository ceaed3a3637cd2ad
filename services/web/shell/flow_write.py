"""Writes flows: sends commands to the registry in one batch, collects its answers, and waits until reads see the change."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal
from uuid import uuid4

from contracts.registry import DeleteFlow, FlowState, PutFlow
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

    async def _ask(self, commands: Sequence[PutFlow | DeleteFlow]) -> list[Reply]:
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
        """The wait is bounded. After it, a read may be a moment behind a write that is made."""
        deadline = monotonic() + VISIBLE_SECONDS
        missing = dict(revisions)
        while missing:
            missing = {key: number for key, number in missing.items() if self._learnt.get(key, -1) < number}
            if not missing:
                break
            self._changed.clear()
            try:
                async with asyncio.timeout(max(0.0, deadline - monotonic())):
                    await self._changed.wait()
            except TimeoutError:
                return
        if revisions:
            left = max(0.0, deadline - monotonic())
            await self._projection.wait_for(FLOWS, 0, self._table.position, left)

    def _learn(self, state: FlowState) -> None:
        key = (state.namespace, state.flow_id)
        self._learnt[key] = max(state.revision, self._learnt.get(key, -1))
        self._changed.set()
