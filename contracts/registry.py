"""Flows with revisions: wishes of web to the registry, and the compacted state that everybody reads."""

from __future__ import annotations

from typing import Literal, TypeAlias

from contracts.message import Message
from contracts.scalars import Millis


class PutFlow(Message, frozen=True, kw_only=True, tag="flow.put.v1"):
    """Store a validated source. ``create`` refuses an existing flow, ``update`` a missing one, ``upsert`` neither."""

    namespace: str
    flow_id: str
    source: str
    mode: Literal["create", "update", "upsert"]
    at: Millis
    request_id: str
    reply_to: int
    """Partition of ``replies`` on which the answer is awaited."""
    expected_revision: int | None = None
    """Compare-and-set: refused with a conflict when the latest revision is another one."""


class DeleteFlow(Message, frozen=True, kw_only=True, tag="flow.delete.v1"):
    namespace: str
    flow_id: str
    at: Millis
    request_id: str
    reply_to: int


RegistryCommand: TypeAlias = PutFlow | DeleteFlow


class FlowState(Message, frozen=True, kw_only=True, tag="flow.state.v1"):
    """One revision of a flow, on ``flows.state`` under ``<namespace>/<flow id>@<revision>``. Immutable."""

    namespace: str
    flow_id: str
    revision: int
    source: str
    at: Millis
    created_at: Millis
    """Of its first revision."""
    deleted: bool = False
