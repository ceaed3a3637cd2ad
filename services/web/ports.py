"""What web's shell and routes need from outside. A test or another store may take the place of Kafka and PostgreSQL if it
keeps these promises. ``Transient`` is raised when the other side is away; the caller may ask again later."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import datetime
from typing import NamedTuple, Protocol

from contracts.execution import AnyExecutionEvent
from contracts.language.flow.plan import Plan
from contracts.message import Message
from contracts.registry import FlowState
from contracts.reply import Reply
from contracts.scalars import Millis
from contracts.states import State
from contracts.telemetry import AttemptLogs, Level
from services.web.core.rows import ExecutionRow, FlowRow, LogRow, MetricRow, TriggerRow
from services.web.core.search.query import Query
from services.web.core.search.span import Aggregation, Span

EVENTS = "executions.events"
LOGS = "attempts.logs"
FLOWS = "flows.state"


class Log(Protocol):
    """Topics that web writes."""

    async def append(self, topic: str, messages: Sequence[tuple[str, Message]]) -> None:
        """Return when all of them, each with its key, are durable; they may leave together with those of other callers.

        A caller that is cancelled takes nothing back. Raises RecordTooLarge, and Transient with the outcome unknown."""
        ...


class Replies(Protocol):
    """Answers to commands that named this web's partition."""

    @property
    def partition(self) -> int:
        """What commands carry as ``reply_to``."""
        ...

    @property
    def ready(self) -> bool:
        """No answer to a command that is sent from now on can be missed."""
        ...

    def expect(self, request_ids: Sequence[str]) -> AbstractContextManager[Expected]:
        """Enter before the commands are sent; leaving it forgets what has not come."""
        ...


class Expected(Protocol):
    async def all(self) -> list[Reply]:
        """Every answer, in the order of the request ids. Waits for ever: the caller sets the deadline."""
        ...


class Seen(NamedTuple):
    """A public event, and where it stands."""

    partition: int
    offset: int
    event: AnyExecutionEvent


class Watch(Protocol):
    """Events of one execution since the watch began, in order. Some may be missing when very many were left unread."""

    @property
    def execution_id(self) -> str: ...

    @property
    def pending(self) -> bool:
        """Whether ``next`` would return at once with something."""
        ...

    @property
    def closed(self) -> bool:
        """Web stops: nothing more will come."""
        ...

    async def next(self, seconds: float) -> list[Seen]:
        """What came since the last call; waits for one when nothing did. Empty when the time passed, or when closed."""
        ...


class Tail(Protocol):
    """The public events of executions as they are appended. No method but ``Watch.next`` waits."""

    @property
    def ready(self) -> bool:
        """The end was found: whatever is appended from now on will be seen."""
        ...

    def end(self, partition: int) -> int:
        """Offset of the next event to come; only once ready."""
        ...

    def watch(self, execution_id: str) -> AbstractContextManager[Watch]:
        """From the moment this is entered no event of the execution is missed."""
        ...

    def expect(self, execution_id: str) -> None:
        """A start of it is about to be appended: its first event is still to come. Repeating it changes nothing."""
        ...

    def forget(self, execution_id: str) -> None:
        """The start was not acknowledged: nothing of it is owed to a reader before it is seen."""
        ...

    def recent(self, execution_id: str) -> tuple[int, int] | None:
        """Partition and offset of its last event that was seen; offset -1 while one is expected; None: not recent."""
        ...


class Projection(Protocol):
    """How far the projection has come."""

    async def wait_for(self, topic: str, partition: int, offset: int, timeout: float) -> bool:  # noqa: ASYNC109 - an answer, not a cancellation
        """True once the record at ``offset`` is projected; False when ``timeout`` seconds passed first."""
        ...


class Positions(Protocol):
    async def positions(self) -> dict[tuple[str, int], int]:
        """(topic, partition) to the offset of the first record that is not projected yet. May raise Transient."""
        ...


class Rows(Protocol):
    """Reads of the projection: each is of one moment and changes nothing. All may raise Transient.

    A search gives the rows of its page and how many match in all. It raises InvalidQuery for what the caller got wrong."""

    async def get_execution(self, execution_id: str) -> ExecutionRow | None:
        """With all its task runs."""
        ...

    async def search_executions(self, query: Query) -> tuple[list[ExecutionRow], int]:
        """Without task runs."""
        ...

    async def logs(
        self,
        execution_id: str,
        min_level: Level | None = None,
        task_run_id: str | None = None,
        task_id: str | None = None,
        attempt: int | None = None,
    ) -> list[LogRow]:
        """By time, and in order within an attempt."""
        ...

    async def slot_holders(self) -> dict[tuple[str, str], int]:
        """Executions that hold a slot of their flow's concurrency limit, by namespace and flow."""
        ...

    async def metric_names(
        self, namespace: str, flow_id: str, task_id: str | None, since: datetime
    ) -> list[str]:
        """Ascending; of all tasks, or of that one."""
        ...

    async def metric_tasks(self, namespace: str, flow_id: str, since: datetime) -> list[str]:
        """Ids of tasks that reported metrics, ascending."""
        ...

    async def open_counts(self, most: int) -> dict[tuple[str, str, State], int]:
        """Executions that have not ended, by namespace, flow and state. Of more than ``most`` only that many are looked at."""
        ...

    async def metric_series(
        self, metric: tuple[str, str, str | None, str], span: Span, aggregation: Aggregation
    ) -> list[tuple[Millis, float]]:
        """Of a namespace, flow, task (None: all) and name: where each part of the span begins, and its value; ascending."""
        ...

    async def average_duration(self, namespace: str, flow_id: str, last: int) -> tuple[float | None, int]:
        """Milliseconds that the last executions which ended took, and how many these are."""
        ...

    async def distinct_execution_values(self, field: str, query: Query) -> list[str]:
        """Of a field in ``DISTINCT``, ascending; at most the query's size."""
        ...

    async def search_logs(self, query: Query) -> tuple[list[LogRow], int]: ...

    async def metrics(
        self, execution_id: str, query: Query, task_run_id: str | None = None, task_id: str | None = None
    ) -> tuple[list[MetricRow], int]:
        """By time unless ``query`` says otherwise."""
        ...

    async def get_flow(
        self, namespace: str, flow_id: str, revision: int | None = None, *, allow_deleted: bool = False
    ) -> FlowRow | None:
        """The latest revision, or that one."""
        ...

    async def flow_revisions(self, namespace: str, flow_id: str) -> list[FlowRow]:
        """Ascending, with the deleting one if it was deleted."""
        ...

    async def search_flows(self, query: Query) -> tuple[list[FlowRow], int]:
        """Latest revisions of flows that are not deleted."""
        ...

    async def search_flow_sources(
        self, text: str, namespace: str | None = None, page: int = 1, size: int = 10
    ) -> tuple[list[FlowRow], int]:
        """Flows whose source contains the text, whatever its case; ``namespace`` is a prefix of dotted names."""
        ...

    async def distinct_namespaces(self, prefix: str = "") -> list[str]:
        """Namespaces that hold flows, ascending, whose name contains the text."""
        ...

    async def search_triggers(self, query: Query) -> tuple[list[TriggerRow], int]: ...

    async def trigger(self, namespace: str, flow_id: str, trigger_id: str) -> TriggerRow | None: ...


class Files(Protocol):
    """Internal storage, as far as it is read. Both raise ``StorageRefused`` where no such file is, and ``Transient``."""

    async def size(self, uri: str) -> int: ...

    def stream(self, uri: str) -> AsyncIterator[bytes]:
        """In parts; leaving off early is fine."""
        ...


class FlowTable(Protocol):
    """All revisions of all flows, as far as they were read. Lookups never wait."""

    @property
    def ready(self) -> bool:
        """Everything that was stored when web began has been read."""
        ...

    @property
    def position(self) -> int:
        """Offset of the last revision that was read."""
        ...

    def on_change(self, listener: Callable[[FlowState], None]) -> None:
        """The listener is called for every revision in order, also while catching up. It must be quick and not raise."""
        ...

    def get(self, namespace: str, flow_id: str, revision: int | None = None) -> FlowState | None:
        """The revision asked for, or the latest; None when unknown or when the latest is a deletion."""
        ...

    def latest(self) -> Iterator[FlowState]:
        """The latest revision of every flow that is not deleted."""
        ...

    def plan(self, namespace: str, flow_id: str, revision: int | None = None) -> Plan | None:
        """Compiled; None when unknown or when the stored source does not parse (any more)."""
        ...


class Spoken(Protocol):
    """Log lines of one execution from now on."""

    @property
    def partition(self) -> int: ...

    @property
    def next_offset(self) -> int:
        """Every record before it must be read from the projection."""
        ...

    async def next(self) -> AttemptLogs | None:
        """Waits for ever: the caller sets the deadline. None: web stops, nothing more will come."""
        ...


class LogLines(Protocol):
    """Log lines as they are appended, read only while somebody follows."""

    def follow(self, execution_id: str) -> AbstractAsyncContextManager[Spoken]:
        """Entering waits until the end of the log was found. A follower that is too slow loses the oldest lines."""
        ...
