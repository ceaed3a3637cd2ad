"""Flows with revisions: web's commands to the registry, and the compacted state that every service reads."""

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
    """The partition of ``replies`` where the sender waits for the answer."""
    expected_revision: int | None = None
    """Compare-and-set: the registry answers with a conflict if the latest revision is another one."""


class DeleteFlow(Message, frozen=True, kw_only=True, tag="flow.delete.v1"):
    namespace: str
    flow_id: str
    at: Millis
    request_id: str
    reply_to: int


class DeleteRevisions(Message, frozen=True, kw_only=True, tag="flow.revisions.delete.v1"):
    """Forget earlier revisions. The latest one is never forgotten."""

    namespace: str
    flow_id: str
    revisions: list[int]
    at: Millis
    request_id: str
    reply_to: int


RegistryCommand: TypeAlias = PutFlow | DeleteFlow | DeleteRevisions


class FlowState(Message, frozen=True, kw_only=True, tag="flow.state.v1"):
    """One revision of a flow. Its key on ``flows.state`` is ``<namespace>/<flow id>@<revision>``. Immutable."""

    namespace: str
    flow_id: str
    revision: int
    source: str
    at: Millis
    created_at: Millis
    """When the first revision was created."""
    deleted: bool = False
    removed: bool = False
    """This revision was forgotten, and has no source any more. It is ``deleted`` too, for readers of before."""
