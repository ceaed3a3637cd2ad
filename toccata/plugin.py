"""What a plugin is written against: its properties as a pydantic model, its declaration, and the ports of a run.

Knows no broker, no worker and no plugin. Importing it, or a declaration, must never import a heavy library: what a
plugin needs to run is imported inside its run function.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from contracts.language.expression.template import is_truthy
from contracts.language.types.declaration import Declaration, TriggerEvent, TriggerType
from contracts.language.types.duration import parse_duration
from contracts.language.types.property import Duration, Properties, dynamic, static
from contracts.telemetry import LEVELS, Level
from toccata.runtime.errors import StorageRefused

__all__ = [
    "LEVELS",
    "Declaration",
    "Duration",
    "Level",
    "MetricKind",
    "Outputs",
    "Properties",
    "RunContext",
    "RunTask",
    "RunnerType",
    "Storage",
    "StorageRefused",
    "TaskFailed",
    "TaskType",
    "TriggerEvent",
    "TriggerType",
    "dynamic",
    "is_truthy",
    "parse_duration",
    "static",
]
"""All that a plugin may use: families import nothing else of ours, and so should yours."""

Outputs: TypeAlias = Mapping[str, Any]
"""What a task returns: JSON values by name. None values are dropped."""
MetricKind: TypeAlias = Literal["counter", "timer", "gauge"]


class TaskFailed(Exception):
    """Raised by a task to fail with this message. ``outputs`` are kept on the task run (exit codes, partial files)."""

    def __init__(self, message: str, outputs: Outputs | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.outputs = outputs or {}


class Storage(Protocol):
    """Internal storage. URIs are ``kestra:///<path>``; all methods raise StorageRefused with a text for people."""

    async def put(self, uri: str, content: bytes | Path) -> str:
        """Store bytes, or a local file in parts; gives the URI. Storing again overwrites."""
        ...

    async def get(self, uri: str) -> bytes: ...

    async def download(self, uri: str, to: Path) -> None:
        """In parts; parents of ``to`` exist."""
        ...

    def stream(self, uri: str) -> AsyncIterator[bytes]: ...

    async def size(self, uri: str) -> int: ...


class RunContext(Protocol):
    """What one attempt may use. A kill or a time-out cancels ``run``: clean up in ``finally``, quickly."""

    storage: Storage

    @property
    def variables(self) -> Mapping[str, Any]:
        """What expressions of this task see."""
        ...

    @property
    def file_prefix(self) -> str:
        """``kestra:///…/tasks/<task>/<task run>/``: files of this task run belong below it."""
        ...

    @property
    def markers(self) -> Mapping[str, str]:
        """Environment variables that child processes must carry, so that none is left behind."""
        ...

    def log(self, level: Level, message: str) -> None:
        """Never blocks. Who may log thousands of lines awaits :meth:`log_room` now and then."""
        ...

    async def log_room(self) -> None:
        """Returns at once, unless the log is far behind: then when it has caught up."""
        ...

    def render(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        """Strings, list elements, map keys and values rendered to text; other leaves as they are. Raises TaskFailed."""
        ...

    def metric(
        self, kind: MetricKind, name: str, value: float, tags: Mapping[str, str] | None = None
    ) -> None:
        """Timers in seconds."""
        ...

    def warn(self, message: str) -> None:
        """Log it at WARN; a success then ends as WARNING."""
        ...

    def on_kill(self, hook: Callable[[], None]) -> None:
        """Called before ``run`` is cancelled, for what cancellation does not reach (a statement in a thread)."""
        ...

    async def directory(self) -> Path:
        """The working directory, made when first asked for, removed after the attempt."""
        ...


RunTask: TypeAlias = Callable[[Any, RunContext], Awaitable["Outputs | None"]]
DirectoryVariables: TypeAlias = Callable[[Mapping[str, Any], Path], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskType(Declaration):
    """The declaration of a task type that a worker runs."""

    run: RunTask | str
    """``async def run(task, run)``: validated properties and the ports; gives outputs, raises TaskFailed. The function, or
    where it is, as ``package.module:name``: then the module is imported when the first task of the type runs."""
    extra: str | None = None
    """What to install for the libraries that ``run`` imports, as pip takes it: ``toccata[http]``."""
    kind: Literal["light", "heavy"] = "light"
    """Heavy ones start a process or burn a thread: a worker runs only a few per CPU at once."""
    directory_variables: DirectoryVariables | str | None = None
    """Set: the task has a working directory, and expressions also see what this gives for (written properties, directory)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerType(Declaration):
    """The declaration of a task runner: where the processes of script tasks run."""
