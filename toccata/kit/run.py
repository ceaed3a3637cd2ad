"""What one attempt may use: the ports of a run."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from contracts.namespace import ValueKind
from contracts.telemetry import Level
from toccata.kit.container import ContainerRules
from toccata.kit.failure import TaskFailed
from toccata.kit.http.options import NO_OPTIONS, HttpOptions
from toccata.kit.http.port import Http

MetricKind: TypeAlias = Literal["counter", "timer", "gauge"]
Content: TypeAlias = bytes | Path | AsyncIterable[bytes]
"""What is stored: bytes, a local file, or parts as they come."""


@dataclass(frozen=True, slots=True)
class Flows:
    """Some flows, during some time."""

    namespace: str | None = None
    flow_id: str | None = None
    after: int | None = None
    before: int | None = None


class Storage(Protocol):
    """Internal storage. URIs are ``kestra:///<path>``. All methods raise StorageRefused with a text for people."""

    async def put(self, uri: str, content: Content) -> str:
        """Store bytes, a local file part by part, or parts as they come, and give the URI. Storing again overwrites. If the
        parts end with an error, nothing is stored."""
        ...

    async def get(self, uri: str) -> bytes: ...

    async def download(self, uri: str, to: Path) -> None:
        """Write the file to ``to``, part by part. The parent folder of ``to`` must exist."""
        ...

    def stream(self, uri: str) -> AsyncIterator[bytes]: ...

    async def size(self, uri: str) -> int: ...

    async def exists(self, uri: str) -> bool: ...

    async def delete(self, uri: str) -> None:
        """Delete a file of an execution. A missing file counts as deleted."""
        ...

    async def below(self, prefix: str) -> list[str]:
        """The URIs of all files below ``prefix``, which is itself a URI."""
        ...


class KeyMissing(TaskFailed):
    """The key has no value."""


class KeyValues(Protocol):
    """Values by key, which belong to namespaces. A write returns when every later read sees it, on every worker.

    ``namespace`` None is the flow's own. All methods raise TaskFailed for what cannot be."""

    async def get(self, key: str, namespace: str | None = None) -> Any:
        """The value. In the flow's own namespace it may come from one above. Raises KeyMissing, and TaskFailed if it has expired."""
        ...

    async def set(  # noqa: PLR0913 - all that a value may have
        self,
        key: str,
        value: Any,
        namespace: str | None = None,
        *,
        kind: ValueKind | None = None,
        overwrite: bool = True,
        ttl: timedelta | None = None,
        description: str = "",
    ) -> None:
        """Store a JSON value. ``kind`` converts it; without it the value keeps its own. ``ttl``: how long it counts."""
        ...

    async def delete(self, key: str, namespace: str | None = None) -> bool:
        """Whether there was a value."""
        ...

    async def keys(self, namespace: str | None = None) -> list[str]:
        """Keys with a value that has not expired, ascending."""
        ...

    async def namespaces(self) -> list[str]:
        """Namespaces that hold values or files, ascending."""
        ...

    async def expired(self, namespace: str) -> list[str]:
        """Keys whose value has expired."""
        ...


class NamespaceFiles(Protocol):
    """Files by path, which belong to namespaces. Paths begin with ``/``. All methods raise TaskFailed for what cannot be."""

    async def paths(self, namespace: str | None = None) -> list[str]:
        """The paths of all files, ascending."""
        ...

    async def address(self, path: str, namespace: str | None = None) -> str:
        """The URI of a file, which always gives its latest revision."""
        ...

    async def put(
        self, path: str, content: bytes | Path, namespace: str | None = None, *, overwrite: bool = True
    ) -> str:
        """Store a new revision, and give the file's URI. Without ``overwrite``, an existing file is refused."""
        ...

    async def delete(self, path: str, namespace: str | None = None) -> list[str]:
        """Delete a file, or a folder with everything in it. The paths of the files that were deleted."""
        ...

    async def is_empty(self, folder: str, namespace: str | None = None) -> bool:
        """Whether nothing is in a folder."""
        ...

    async def is_folder(self, path: str, namespace: str | None = None) -> bool:
        """Whether there is a folder of this name."""
        ...

    async def revisions(self, path: str, namespace: str | None = None) -> list[tuple[int, datetime]]:
        """Numbers and dates of a file's revisions, ascending."""
        ...

    async def forget(self, path: str, numbers: Sequence[int], namespace: str | None = None) -> None:
        """Remove old revisions. The latest one stays."""
        ...


class Past(Protocol):
    """What happened, as searches show it. All methods raise TaskFailed. Instants are milliseconds since 1970; None: no bound.

    ``namespace`` includes those below it, unless a flow is named; None: all."""

    async def purge_executions(
        self, flows: Flows, states: Sequence[str], kinds: Collection[str]
    ) -> Mapping[str, int]:
        """Delete executions that have ended (no ``states``: in any state), or parts of them. ``kinds`` are among ``executions``,
        ``logs``, ``metrics`` and ``files``. The number that was deleted of each kind."""
        ...

    async def purge_logs(self, flows: Flows, levels: Sequence[Level]) -> int:
        """Delete log lines (no ``levels``: of any level), and give their number."""
        ...

    async def count(
        self,
        flows: Sequence[tuple[str, str]],
        namespaces: Sequence[str],
        states: Sequence[str],
        during: tuple[int | None, int | None],
    ) -> tuple[list[tuple[str, str, int]], list[tuple[str, int]]]:
        """The number of executions of each flow (namespace and id), and of each namespace without those below it."""
        ...

    async def logs(
        self,
        uri: str,
        execution_id: str,
        level: Level,
        tasks: Sequence[str] = (),
        flow: tuple[str, str] | None = None,
    ) -> int:
        """Write the lines of an execution, of this level and above, to ``uri``, one a line, and give their number. With ``flow``
        (namespace and id) an execution of another flow has none."""
        ...


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Which poll of a trigger this is."""

    id: str = ""
    """Empty: it is no poll."""
    accepted: frozenset[str] = frozenset()
    """The ids of the events of the last poll which found some. They are decided: their executions are started, whatever else is lost,
    or conditions refused them. The event of a poll, without an id of its own, has that of its poll."""
    wait_seconds: float = 30.0
    """How long a subscription waits for events."""


NO_EVALUATION = Evaluation()


class RunContext(Protocol):
    """What one attempt may use. A kill or a timeout cancels ``run``: clean up quickly, in ``finally``."""

    storage: Storage
    values: KeyValues
    files: NamespaceFiles
    past: Past

    @property
    def evaluation(self) -> Evaluation:
        """Which poll of its trigger this is."""
        ...

    @property
    def variables(self) -> Mapping[str, Any]:
        """The variables that expressions of this task see."""
        ...

    @property
    def public_url(self) -> str:
        """The address of the page for people, for links. Empty if the worker does not know it."""
        ...

    @property
    def local_paths(self) -> Sequence[Path]:
        """Folders of the worker's machine whose files flows may read and write. Usually there are none."""
        ...

    @property
    def file_prefix(self) -> str:
        """``kestra:///…/tasks/<task>/<task run>/``, of a poll ``kestra:///…/trigger/<trigger>/``. Files of this run belong below it."""
        ...

    @property
    def markers(self) -> Mapping[str, str]:
        """Environment variables that child processes must carry. By them, a worker finds and ends processes left behind."""
        ...

    @property
    def environment(self) -> Mapping[str, str]:
        """The worker's variables that programs of users may see. A child process gets these, never ``os.environ``."""
        ...

    @property
    def containers(self) -> ContainerRules:
        """What the worker lets flows do with a container engine."""
        ...

    async def isolated(self, argv: Sequence[str]) -> Sequence[str]:
        """The command that runs ``argv`` as the worker lets users' programs run. Start it in :meth:`directory`, after all
        files there are written. It hides what the worker hides from them."""
        ...

    def log(self, level: Level, message: str) -> None:
        """Never blocks. A task that may log thousands of lines awaits :meth:`log_room` now and then."""
        ...

    async def log_room(self) -> None:
        """Return at once, or, if the log is far behind, when it has caught up."""
        ...

    def render(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        """Render strings to text, also in lists, map keys and map values. Other values stay as they are. Raises
        TaskFailed."""
        ...

    async def evaluate(self, value: Any) -> Any:
        """Like :meth:`render`, but a text that is only an expression gives the expression's value, with its type."""
        ...

    def encrypted(self, text: str) -> dict[str, str]:
        """Return an output that is kept encrypted, and that templates of later tasks read as the text. No log shows it. Raises
        TaskFailed if encryption is not configured."""
        ...

    def metric(
        self, kind: MetricKind, name: str, value: float, tags: Mapping[str, str] | None = None
    ) -> None:
        """Report a metric. Timers are in seconds."""
        ...

    def warn(self, message: str) -> None:
        """Log it at WARN. If the task then succeeds, its state is WARNING."""
        ...

    def on_kill(self, hook: Callable[[], None]) -> None:
        """Register a hook that is called before ``run`` is cancelled. Use it to stop work that cancellation does not reach, such as a
        statement in a thread."""
        ...

    async def perform(self, spec: str) -> Mapping[str, Any]:
        """Run the task that this YAML text describes, in place of this one, and return its outputs. Its ``id`` and what else all
        tasks have is not used. Raises TaskFailed for what is no task that a worker runs, and whatever that task raises."""
        ...

    def http(self, options: HttpOptions = NO_OPTIONS) -> AbstractAsyncContextManager[Http]:
        """HTTP with these options, until the end of the block. It calls only what this worker lets flows call."""
        ...

    async def directory(self) -> Path:
        """The working directory. It is created on first use and removed after the attempt."""
        ...
