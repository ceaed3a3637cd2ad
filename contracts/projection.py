"""What a task asks of the projection, which only web reads. Web answers on ``replies``. The key of every record is the request id."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from contracts.message import Message
from contracts.scalars import Count, GivenMillis, Id, Name, Text
from contracts.states import State
from contracts.telemetry import Level

_Many: TypeAlias = Annotated[list[Name], Meta(max_length=1_000)]


class Selection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which flows, and which time. What is None selects all of them."""

    namespace: Name | None = None
    """With the namespaces below it, unless a flow is named."""
    flow_id: Name | None = None
    after: GivenMillis | None = None
    before: GivenMillis | None = None


class Asked(Message, frozen=True, kw_only=True):
    at: GivenMillis
    request_id: Id
    reply_to: Count
    """The partition of ``replies`` where the sender waits for the answer."""
    attempt: Count = 1
    """Counts how often it was asked, because no answer came."""


class PurgeExecutions(Asked, frozen=True, kw_only=True, tag="projection.purge_executions.v1"):
    """Delete executions that have ended, or parts of them. The time is that of their creation. Answers with counts."""

    selection: Selection
    states: list[State] = []
    """Empty: all."""
    executions: bool = True
    logs: bool = True
    metrics: bool = True
    files: bool = True


class PurgeLogs(Asked, frozen=True, kw_only=True, tag="projection.purge_logs.v1"):
    """Delete log lines, those of triggers among them. The time is that of the line. Answers with ``count``."""

    selection: Selection
    levels: list[Level] = []
    """Empty: all."""


class CountExecutions(Asked, frozen=True, kw_only=True, tag="projection.count_executions.v1"):
    """Answers with ``flows``, a count for each of the flows, and ``namespaces``, one for each of the namespaces."""

    flows: Annotated[list[tuple[Name, Name]], Meta(max_length=1_000)] = []
    """Namespace and flow id."""
    namespaces: _Many = []
    states: list[State] = []
    after: GivenMillis | None = None
    before: GivenMillis | None = None


class FetchLogs(Asked, frozen=True, kw_only=True, tag="projection.fetch_logs.v1"):
    """Write the log lines of an execution to internal storage, one a line. Answers with ``size``, the number of lines."""

    execution_id: Id
    uri: Annotated[str, Meta(max_length=2_000)]
    namespace: Name | None = None
    """With ``flow_id``: an execution of another flow has no lines."""
    flow_id: Name | None = None
    task_ids: list[Text] = []
    """Empty: all."""
    level: Level = "INFO"
    """And above."""


class RequestClaimed(Message, frozen=True, kw_only=True, tag="projection.claimed.v1"):
    """A replica of web offers to answer. The first offer in the partition counts, so that one replica answers."""

    request_id: str
    attempt: int
    replica: str


ProjectionRequest: TypeAlias = PurgeExecutions | PurgeLogs | CountExecutions | FetchLogs
ProjectionCommand: TypeAlias = ProjectionRequest | RequestClaimed
