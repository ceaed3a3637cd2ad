"""Every topic as data. A test compares this table with what the code produces and consumes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from contracts import (
    access,
    execution,
    lease,
    limit,
    namespace,
    projection,
    registry,
    reply,
    telemetry,
    trigger,
    work,
)

Service: TypeAlias = Literal[
    "anyone",
    "trigger-listener",
    "executor",
    "dispatch",
    "limits",
    "registry",
    "worker",
    "indexer",
    "web",
    "operators",
]
Visibility: TypeAlias = Literal["public in", "public out", "documented", "private", "operators"]

FOREVER = -1
DAY = 86_400_000
HOUR = 3_600_000
EXECUTION_PARTITIONS = 16
"""Topics with the execution id as key share this number, so their partitions match. It is fixed once topics exist."""
WORK_PARTITIONS = 8
INBOX_PARTITIONS = 64
SOFT_RECORD_BYTES = 256 * 1024
HARD_RECORD_BYTES = 900 * 1024
"""The producer refuses larger records. Values that may grow go to internal storage, and records hold a reference."""


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    """Without the prefix."""
    key: str
    partitions: int
    messages: object
    """Union of message classes. None where the sender or the runtime defines the value."""
    writers: frozenset[Service]
    readers: frozenset[Service]
    visibility: Visibility
    retention_ms: int | None = None
    """-1: for ever."""
    compact: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)

    def config(self) -> dict[str, str]:
        """Return the topic's settings under Kafka's names."""
        policy = ["compact"] * self.compact + ["delete"] * (self.retention_ms is not None)
        settings = {
            "cleanup.policy": ",".join(policy) or "delete",
            "max.message.bytes": str(1024 * 1024),
            # The clock of a writer may be wrong. By its time a record could expire unread, or be refused as from the future.
            "message.timestamp.type": "LogAppendTime",
        }
        if self.retention_ms is not None:
            settings["retention.ms"] = str(self.retention_ms)
        return settings | dict(self.settings)


def _topic(  # noqa: PLR0913 - one row of a table
    name: str,
    key: str,
    partitions: int,
    messages: object,
    writers: str,
    readers: str,
    visibility: Visibility,
    *,
    keep: int | None = None,
    compact: bool = False,
) -> Topic:
    settings = {"segment.ms": str(HOUR), "min.cleanable.dirty.ratio": "0.3"} if compact else {}
    if keep == FOREVER:
        # Their owners delete records below the last complete snapshot. Only whole segments are freed, so they are small.
        settings = {"retention.bytes": "-1", "segment.bytes": str(64 * 1024 * 1024)}
    return Topic(
        name,
        key,
        partitions,
        messages,
        frozenset(writers.split()),  # type: ignore[arg-type]
        frozenset(readers.split()),  # type: ignore[arg-type]
        visibility,
        keep,
        compact,
        settings,
    )


P, W = EXECUTION_PARTITIONS, WORK_PARTITIONS

_TOPICS = (
    _topic("events", "subject", W, None, "anyone", "trigger-listener", "public in", keep=7 * DAY),
    _topic("executions.starts", "execution id", P, execution.StartExecution, "anyone executor", "executor", "public in", keep=7 * DAY),
    _topic("executions.admitted", "execution id", P, execution.AdmittedMessage, "trigger-listener web executor limits", "executor", "private", keep=7 * DAY),
    _topic("executions.commands", "execution id", P, execution.ExecutionCommand, "web limits executor", "executor", "private", keep=7 * DAY),
    _topic("executions.reports", "execution id", P, execution.AttemptReport | lease.LeaseNews, "worker dispatch", "executor", "documented", keep=7 * DAY),
    _topic("executions.journal", "execution id", P, None, "executor", "executor", "private", keep=FOREVER),
    _topic("executions.snapshots", "partition/chunk", P, None, "executor", "executor", "private", compact=True),
    _topic("executions.events", "execution id", P, execution.AnyExecutionEvent, "executor", "indexer web anyone", "public out", keep=7 * DAY),
    _topic("dispatch.commands", "worker group", W, work.DispatchCommand, "executor trigger-listener", "dispatch", "private", keep=DAY),
    _topic("dispatch.journal", "worker group", W, None, "dispatch", "dispatch", "private", keep=FOREVER),
    _topic("dispatch.snapshots", "partition/chunk", W, None, "dispatch", "dispatch", "private", compact=True),
    _topic("workers.inbox", "worker id", INBOX_PARTITIONS, work.InboxMessage, "dispatch executor", "worker", "documented", keep=HOUR),
    _topic("workers.events", "worker group", W, work.WorkerEvent, "worker dispatch", "dispatch indexer", "documented", keep=HOUR),
    _topic("attempts.logs", "execution id", P, telemetry.LogMessage, "worker executor web trigger-listener", "indexer web", "public out", keep=3 * DAY),
    _topic("attempts.metrics", "execution id", P, telemetry.MetricMessage, "worker executor web", "indexer", "public out", keep=3 * DAY),
    _topic("limits.commands", "limit key", W, limit.LimitCommand, "executor registry", "limits", "private", keep=7 * DAY),
    _topic("limits.journal", "limit key", W, None, "limits", "limits", "private", keep=FOREVER),
    _topic("limits.snapshots", "partition/chunk", W, None, "limits", "limits", "private", compact=True),
    _topic("registry.commands", "entity key", 1, registry.RegistryCommand, "web", "registry", "private", keep=7 * DAY),
    _topic("registry.journal", "entity key", 1, None, "registry", "registry", "private", keep=FOREVER),
    _topic("registry.snapshots", "partition/chunk", 1, None, "registry", "registry", "private", compact=True),
    _topic("namespaces.commands", "namespace", 1, namespace.NamespaceCommand, "web worker", "registry", "private", keep=7 * DAY),
    _topic("namespaces.state", "kind/namespace/name@change", 1, namespace.NamespaceState, "registry", "worker web", "private", compact=True),
    _topic("flows.state", "flow key + revision", 1, registry.FlowState, "registry", "executor web trigger-listener indexer anyone", "public out", compact=True),
    _topic("triggers.commands", "trigger key", W, trigger.TriggerCommand, "web registry executor", "trigger-listener", "private", keep=7 * DAY),
    _topic("triggers.reports", "trigger key", W, execution.AttemptReport, "worker dispatch", "trigger-listener", "documented", keep=7 * DAY),
    _topic("triggers.journal", "trigger key", W, None, "trigger-listener", "trigger-listener", "private", keep=FOREVER),
    _topic("triggers.snapshots", "partition/chunk", W, None, "trigger-listener", "trigger-listener", "private", compact=True),
    _topic("triggers.events", "trigger key", W, trigger.AnyTriggerEvent, "trigger-listener", "indexer anyone", "public out", keep=7 * DAY),
    _topic("access.state", "kind/id", 1, access.AccessRecord, "web", "web", "private", compact=True),
    _topic("projection.commands", "request id", W, projection.ProjectionCommand, "worker web", "web", "private", keep=DAY),
    _topic("replies", "request id", INBOX_PARTITIONS, reply.Reply, "registry trigger-listener web", "web worker", "private", keep=HOUR),
    _topic("dead", "source topic", 1, None, "executor dispatch limits registry trigger-listener worker indexer", "operators", "operators", keep=30 * DAY),
    _topic("ownership.executions", "", P, None, "", "executor", "private", keep=HOUR),
    _topic("ownership.dispatch", "", W, None, "", "dispatch", "private", keep=HOUR),
    _topic("ownership.limits", "", W, None, "", "limits", "private", keep=HOUR),
    _topic("ownership.registry", "", 1, None, "", "registry", "private", keep=HOUR),
    _topic("ownership.triggers", "", W, None, "", "trigger-listener", "private", keep=HOUR),
)  # fmt: skip

TOPICS: Mapping[str, Topic] = {topic.name: topic for topic in _TOPICS}


REPLY_TOPICS: frozenset[str] = frozenset(
    topic.name
    for topic in _TOPICS
    if {"worker", "dispatch"} <= topic.writers
    and {execution.AttemptStarted, execution.AttemptEnded} <= set(get_args(topic.messages))
)
"""Topics to which the answers to an attempt may go: workers and dispatch may write them, and their readers
understand both answers."""
