"""The ports that web's shell and routes need. A test or another store may replace Kafka and PostgreSQL if it keeps these
promises. ``Transient`` means that the other side is away; the caller may ask again later."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from contracts.access import AccessRecord
from contracts.execution import AnyExecutionEvent
from contracts.language.flow.plan import Plan
from contracts.message import Message
from contracts.projection import Selection
from contracts.registry import FlowState
from contracts.reply import Reply
from contracts.scalars import Millis
from contracts.states import State
from contracts.telemetry import AttemptLogs, Level
from services.web.core.access.state import AccessState
from services.web.core.rows import ExecutionRow, FlowRow, LogRow, MetricRow, TriggerRow
from services.web.core.search.query import Query
from services.web.core.search.span import Aggregation, Span
from services.web.core.view.usage import DayOfState

EVENTS = "executions.events"
LOGS = "attempts.logs"
ACCESS = "access.state"
FLOWS = "flows.state"
REQUESTS = "projection.commands"
REPLIES = "replies"


class Log(Protocol):
    """Topics that web writes."""

    async def append(self, topic: str, messages: Sequence[tuple[str, Message]]) -> None:
        """Append messages, each with its key, and return when all are durable. They may share a batch with those of other callers.

        Cancelling does not undo the append. Raises RecordTooLarge, or Transient if the outcome is unknown."""
        ...

    async def answer(self, topic: str, partition: int, message: Message) -> None:
        """Append a message to a partition that somebody named. Raises Transient."""
        ...


class Replies(Protocol):
    """Answers to commands that named this web's partition."""

    @property
    def partition(self) -> int:
        """The partition that commands carry as ``reply_to``."""
        ...

    @property
    def ready(self) -> bool:
        """True if no answer to a later command can be missed."""
        ...

    def expect(self, request_ids: Sequence[str]) -> AbstractContextManager[Expected]:
        """Enter it before sending the commands. Leaving it forgets outstanding answers."""
        ...


class Expected(Protocol):
    async def all(self) -> list[Reply]:
        """Every answer, in the order of the request ids. Waits for ever, so the caller sets a deadline."""
        ...


class AccessLog(Protocol):
    """The records of sign-ins and tokens, which all replicas share."""

    @property
    def ready(self) -> bool:
        """True if everything was read once."""
        ...

    async def wait_ready(self) -> None: ...

    @property
    def state(self) -> AccessState:
        """What counts. Raises Transient if the topic could not be read for so long that an end may have been missed."""
        ...

    async def append(self, records: Sequence[tuple[str, AccessRecord | None]]) -> None:
        """Append records under their keys; None ends what the key names. On return they are durable, and in the state. May raise
        Transient; the outcome is then unknown."""
        ...

    async def catch_up(self) -> None:
        """Return when the state has every record that any replica appended before the call. May raise Transient."""
        ...


class Seen(NamedTuple):
    """A public event and its position."""

    partition: int
    offset: int
    event: AnyExecutionEvent


class Watch(Protocol):
    """Events of one execution since the watch began, in order. Some are missing if too many were left unread."""

    @property
    def execution_id(self) -> str: ...

    @property
    def pending(self) -> bool:
        """True if ``next`` would return events at once."""
        ...

    @property
    def closed(self) -> bool:
        """True if web stops and nothing more will come."""
        ...

    async def next(self, seconds: float) -> list[Seen]:
        """Events since the last call. If there are none, it waits for one. Empty after the given time, or when closed."""
        ...


class Tail(Protocol):
    """The public events of executions as they are appended. Only ``Watch.next`` waits."""

    @property
    def ready(self) -> bool:
        """True if the end was found. Every event that is appended from then on will be seen."""
        ...

    def end(self, partition: int) -> int:
        """The offset of the next event. Call it only when ready."""
        ...

    def watch(self, execution_id: str) -> AbstractContextManager[Watch]:
        """No event of the execution is missed after entering it."""
        ...

    def expect(self, execution_id: str) -> None:
        """Say that a start is about to be appended, so that its first event is still to come. Repeating it changes nothing."""
        ...

    def forget(self, execution_id: str) -> None:
        """Say that the start was not acknowledged, so that no reader waits for it."""
        ...

    def recent(self, execution_id: str) -> tuple[int, int] | None:
        """Partition and offset of its last seen event. The offset is -1 while the first event is expected. None if not recent."""
        ...


class Projection(Protocol):
    """How far the projection has come."""

    async def wait_for(self, topic: str, partition: int, offset: int, timeout: float) -> bool:  # noqa: ASYNC109 - an answer, not a cancellation
        """True when the record at ``offset`` is projected. False if ``timeout`` seconds pass first."""
        ...


class Positions(Protocol):
    async def positions(self) -> dict[tuple[str, int], int]:
        """By topic and partition, the offset of the first record that is not projected yet. May raise Transient."""
        ...


class Rows(Protocol):
    """Reads of the projection. Each read sees one moment and changes nothing. All may raise Transient.

    A search gives the rows of its page and the number of all matches. It raises InvalidQuery for a caller's mistake."""

    async def get_execution(self, execution_id: str) -> ExecutionRow | None:
        """The execution with all its task runs."""
        ...

    async def children(self, execution_id: str) -> list[str]:
        """The ids of the executions that its task runs started, at most 1,000."""
        ...

    async def search_executions(self, query: Query) -> tuple[list[ExecutionRow], int]:
        """Executions without their task runs."""
        ...

    async def logs(
        self,
        execution_id: str,
        min_level: Level | None = None,
        task_run_id: str | None = None,
        task_id: str | None = None,
        attempt: int | None = None,
    ) -> list[LogRow]:
        """Lines by time, and in order within an attempt."""
        ...

    async def slot_holders(self) -> dict[tuple[str, str], int]:
        """Numbers of executions that hold a slot of their flow's concurrency limit, by namespace and flow."""
        ...

    async def metric_names(
        self, namespace: str, flow_id: str, task_id: str | None, since: datetime
    ) -> list[str]:
        """Names of the metrics of all tasks, or of the given one, ascending."""
        ...

    async def metric_tasks(self, namespace: str, flow_id: str, since: datetime) -> list[str]:
        """Ids of tasks that reported metrics, ascending."""
        ...

    async def open_counts(self, most: int) -> dict[tuple[str, str, State], int]:
        """Numbers of executions that have not ended, by namespace, flow and state. Looks at ``most`` executions at most."""
        ...

    async def metric_series(
        self, metric: tuple[str, str, str | None, str], span: Span, aggregation: Aggregation
    ) -> list[tuple[Millis, float]]:
        """The beginning and the value of each part of the span, ascending. ``metric`` is namespace, flow, task (None for all) and name."""
        ...

    async def daily_executions(self, since: datetime) -> list[DayOfState]:
        """Numbers of executions by the day (UTC) on which they began, and by state."""
        ...

    async def average_duration(self, namespace: str, flow_id: str, last: int) -> tuple[float | None, int]:
        """The average milliseconds of the last executions that ended, and their number."""
        ...

    async def distinct_execution_values(self, field: str, query: Query) -> list[str]:
        """Values of a field in ``DISTINCT``, ascending. At most the query's size."""
        ...

    async def ended_executions(
        self, selection: Selection, states: Sequence[State], most: int, skipped: int
    ) -> list[str]:
        """Ids of executions that have ended, the oldest first, after as many as ``skipped`` says."""
        ...

    async def count_logs(self, ids: Sequence[str]) -> int: ...

    async def count_metrics(self, ids: Sequence[str]) -> int: ...

    async def log_sources(
        self, selection: Selection, levels: Sequence[Level] | None
    ) -> list[tuple[str, str, str, int]]:
        """Execution, namespace and flow of the selected lines, with the number of lines."""
        ...

    async def count_of_flows(
        self,
        flows: Sequence[tuple[str, str]],
        states: Sequence[State],
        after: Millis | None,
        before: Millis | None,
    ) -> list[tuple[str, str, int]]:
        """The number of executions of each of these flows, in their order. No states: all."""
        ...

    async def count_of_namespaces(
        self, namespaces: Sequence[str], states: Sequence[State], after: Millis | None, before: Millis | None
    ) -> list[tuple[str, int]]:
        """The same for namespaces, without those below them."""
        ...

    async def trigger_log_keys(self, namespace: str, flow_id: str, trigger_id: str) -> list[str]:
        """The execution ids under which a trigger of a flow wrote log lines."""
        ...

    async def search_logs(self, query: Query) -> tuple[list[LogRow], int]: ...

    async def metrics(
        self, execution_id: str, query: Query, task_run_id: str | None = None, task_id: str | None = None
    ) -> tuple[list[MetricRow], int]:
        """Metrics by time, unless ``query`` says otherwise."""
        ...

    async def get_flow(
        self, namespace: str, flow_id: str, revision: int | None = None, *, allow_deleted: bool = False
    ) -> FlowRow | None:
        """The given revision, or the latest."""
        ...

    async def flow_revisions(self, namespace: str, flow_id: str) -> list[FlowRow]:
        """All revisions, ascending. If the flow was deleted, the last one is the deletion."""
        ...

    async def search_flows(self, query: Query) -> tuple[list[FlowRow], int]:
        """Latest revisions of flows that are not deleted."""
        ...

    async def search_flow_sources(
        self, text: str, namespace: str | None = None, page: int = 1, size: int = 10
    ) -> tuple[list[FlowRow], int]:
        """Flows whose source contains the text in upper or lower case. ``namespace`` includes the namespaces below it."""
        ...

    async def distinct_namespaces(self, prefix: str = "") -> list[str]:
        """Namespaces that have flows and contain the text, ascending."""
        ...

    async def search_triggers(self, query: Query) -> tuple[list[TriggerRow], int]: ...

    async def trigger(self, namespace: str, flow_id: str, trigger_id: str) -> TriggerRow | None: ...


class Files(Protocol):
    """Internal storage. Reads raise ``StorageRefused`` if there is no such file; all raise ``Transient``."""

    async def size(self, uri: str) -> int: ...

    def stream(self, uri: str) -> AsyncIterator[bytes]:
        """The content in parts. The caller may stop early."""
        ...

    async def below(self, prefix: str) -> list[str]:
        """The addresses of all files below an address."""
        ...

    async def delete(self, uri: str) -> None:
        """A missing file counts as deleted."""
        ...

    async def put(self, uri: str, content: bytes | Path) -> str:
        """Store bytes, or a local file in parts, and return the address. An existing file is overwritten."""
        ...


class FlowTable(Protocol):
    """All revisions of all flows, as far as web has read them. Lookups never wait."""

    @property
    def ready(self) -> bool:
        """True if everything that was stored when web began has been read."""
        ...

    @property
    def position(self) -> int:
        """The offset of the last revision that was read."""
        ...

    def on_change(self, listener: Callable[[FlowState], None]) -> None:
        """Call the listener for every revision in order, also while catching up. It must be quick and must not raise."""
        ...

    def get(self, namespace: str, flow_id: str, revision: int | None = None) -> FlowState | None:
        """The given revision, or the latest. None if it is unknown, or if the latest is a deletion."""
        ...

    def latest(self) -> Iterator[FlowState]:
        """The latest revision of every flow that is not deleted."""
        ...

    async def prepare(self, namespace: str, flow_id: str, revision: int | None = None) -> None:
        """Return when ``plan`` takes no time. A long flow is compiled in a thread."""
        ...

    def plan(self, namespace: str, flow_id: str, revision: int | None = None) -> Plan | None:
        """The compiled flow. None if it is unknown, or if the stored source does not parse (any more)."""
        ...


class Spoken(Protocol):
    """Log lines of one execution from now on."""

    @property
    def partition(self) -> int: ...

    @property
    def next_offset(self) -> int:
        """The offset from which lines come live. Earlier records must be read from the projection."""
        ...

    async def next(self) -> AttemptLogs | None:
        """Waits for ever, so the caller sets a deadline. None means that web stops and nothing more will come."""
        ...


class LogLines(Protocol):
    """Log lines as they are appended, read only while somebody follows."""

    def follow(self, execution_id: str) -> AbstractAsyncContextManager[Spoken]:
        """Entering it waits until the end of the log is found. A follower that is too slow loses the oldest lines."""
        ...
