"""The interface for plugins: properties as a pydantic model, the declaration of a type, and the ports of a run.

It knows no broker, no worker and no plugin. Importing it, or a declaration, must never import a heavy library. A
plugin imports the libraries that it needs inside its run function.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel

from contracts.json_text import NotJson
from contracts.json_text import dumps as write_json
from contracts.json_text import loads as read_json
from contracts.language.expression.template import is_truthy
from contracts.language.types.declaration import Declaration, TriggerEvent, TriggerType
from contracts.language.types.duration import parse_duration
from contracts.language.types.index import TASKS
from contracts.language.types.property import Duration, Properties, dynamic, static
from contracts.language.types.secret import Secret
from contracts.language.types.wanted_files import Files, Texts, WantedFiles
from contracts.namespace import ValueKind
from contracts.polling import EVENT_ID_CHARS, FOUND_BYTES, MOST_FOUND
from contracts.telemetry import LEVELS, Level
from toccata.kit.child import in_child
from toccata.kit.container import NO_CONTAINERS, ContainerRules
from toccata.kit.failure import HttpFailed, Outputs, TaskFailed
from toccata.kit.file import FETCHED_FOLDER, fetched, scratch, stored
from toccata.kit.http.form import FilePart, Multipart, TextPart, form_parts, url_encoded
from toccata.kit.http.options import NO_OPTIONS, Auth, HttpOptions
from toccata.kit.http.port import MOST_BYTES, Body, Http, HttpAnswer, HttpRequest
from toccata.kit.pattern import NameFilter, name_filter
from toccata.kit.polled import PolledProperties
from toccata.kit.progress import Progress
from toccata.kit.row_file import FetchType, RowFile, given_rows, row_file, taken_rows
from toccata.kit.rows import BadRows, Data, lines, read_row, rows
from toccata.kit.run import (
    NO_EVALUATION,
    Content,
    Evaluation,
    Flows,
    KeyMissing,
    KeyValues,
    MetricKind,
    NamespaceFiles,
    Past,
    RunContext,
    Storage,
)
from toccata.kit.sources import Source, sources
from toccata.kit.thread import in_thread
from toccata.kit.watch import Watched, WatchedProperties, watch
from toccata.runtime.errors import StorageRefused
from toccata.runtime.glob import glob_pattern, has_wildcard

__all__ = [
    "EVENT_ID_CHARS",
    "FETCHED_FOLDER",
    "FOUND_BYTES",
    "LEVELS",
    "MOST_BYTES",
    "MOST_FOUND",
    "NO_CONTAINERS",
    "NO_EVALUATION",
    "NO_OPTIONS",
    "Auth",
    "BadRows",
    "Body",
    "ContainerRules",
    "Content",
    "Data",
    "Declaration",
    "Duration",
    "Evaluation",
    "FetchType",
    "FilePart",
    "Files",
    "Flows",
    "Http",
    "HttpAnswer",
    "HttpFailed",
    "HttpOptions",
    "HttpRequest",
    "KeyMissing",
    "KeyValues",
    "Level",
    "MetricKind",
    "Multipart",
    "NameFilter",
    "NamespaceFiles",
    "NotJson",
    "Outputs",
    "Past",
    "PolledProperties",
    "Progress",
    "Properties",
    "RowFile",
    "RunContext",
    "RunTask",
    "RunnerType",
    "Secret",
    "Source",
    "Storage",
    "StorageRefused",
    "TaskFailed",
    "TaskType",
    "TextPart",
    "Texts",
    "TriggerEvent",
    "TriggerType",
    "TypeGroup",
    "ValueKind",
    "WantedFiles",
    "Watched",
    "WatchedProperties",
    "dynamic",
    "fetched",
    "form_parts",
    "given_rows",
    "glob_pattern",
    "has_wildcard",
    "in_child",
    "in_thread",
    "is_truthy",
    "lines",
    "name_filter",
    "parse_duration",
    "pure_task",
    "read_json",
    "read_row",
    "row_file",
    "rows",
    "scratch",
    "sources",
    "static",
    "stored",
    "taken_rows",
    "url_encoded",
    "watch",
    "write_json",
]
"""All that a plugin may use. Our families import nothing else of Toccata; neither should yours."""

RunTask: TypeAlias = Callable[[Any, RunContext], Awaitable["Outputs | None"]]
DirectoryVariables: TypeAlias = Callable[[Mapping[str, Any], Path], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskType(Declaration):
    """The declaration of a task type that a worker runs."""

    run: RunTask | str
    """``async def run(task, run)`` takes validated properties and the ports. It returns outputs or raises TaskFailed. A text
    ``package.module:name`` names the function instead; its module is imported when the first task of the type runs."""
    extra: str | None = None
    """The requirement to install for the libraries that ``run`` imports, as pip takes it: ``toccata[http]``."""
    kind: Literal["light", "heavy"] = "light"
    """Heavy tasks start a process or keep a thread busy. A worker runs only a few of them per CPU at once."""
    directory_variables: DirectoryVariables | str | None = None
    """If set, the task has a working directory, and expressions also see the variables that this function returns. It takes
    the properties as written and the directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeGroup:
    """What several types of a family have in common. ``type`` declares one of them."""

    prefix: str
    """Of their names, without the last dot."""
    run: str
    """The module of their functions: ``Upload`` is run by ``run_upload``."""
    extra: str | None = None
    kind: Literal["light", "heavy"] = "light"
    head: str = ""
    """The first lines of every example, after id and type."""

    def trigger(  # noqa: PLR0913 - what a declaration says
        self,
        name: str,
        title: str,
        properties: type[Properties],
        outputs: type[BaseModel],
        example: tuple[str, str],
        *,
        function: str,
        started_by: Literal["poll", "subscribe"] = "poll",
        aliases: tuple[str, ...] = (),
    ) -> TriggerType:
        """``example``: its id, and the lines after the first of the group. ``function``: ``package.module:name``."""
        return TriggerType(
            name=f"{self.prefix}.{name}",
            title=title,
            properties=properties,
            started_by=started_by,
            poll=function if started_by == "poll" else None,
            subscribe=function if started_by == "subscribe" else None,
            outputs=outputs,
            aliases=aliases,
            extra=self.extra,
            kind=self.kind,
            examples=(f"id: {example[0]}\ntype: {self.prefix}.{name}\n{self.head}{example[1]}",),
        )

    def type(  # noqa: PLR0913 - what a declaration says
        self,
        name: str,
        title: str,
        properties: type[Properties],
        outputs: type[BaseModel] | None,
        example: str,
        aliases: tuple[str, ...] = (),
    ) -> TaskType:
        """``aliases`` are whole names."""
        kind = name.rpartition(".")[2]
        words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in kind)
        identity = f"{self.prefix.rpartition('.')[2]}\ntype: {self.prefix}.{name}"
        return TaskType(
            name=f"{self.prefix}.{name}",
            title=title,
            properties=properties,
            run=f"{self.run}:run{words}",
            outputs=outputs,
            aliases=aliases,
            extra=self.extra,
            kind=self.kind,
            examples=(f"id: {identity}\n{self.head}{example}",),
        )


def pure_task(name: str) -> TaskType:
    """Return the task type of a declaration that the engine itself knows, because it is nothing but rendering
    (``contracts/language/types/task``). The executor may decide such a task in place, and a worker gives the same."""
    pure = TASKS[name]

    async def run(task: Any, run: RunContext) -> Outputs:
        result = pure.decide(task)
        for line in result.lines:
            run.log(line.level, line.message)
        for metric in result.metrics:
            run.metric(metric.kind, metric.name, metric.value, metric.tags)
        if result.update is not None:
            raise TaskFailed(
                "only the executor can change an execution; it could not run this task itself", {}
            )
        if result.failure is not None:
            raise TaskFailed(result.failure, result.outputs)
        return result.outputs

    shared = {each.name: getattr(pure, each.name) for each in fields(Declaration)}
    return TaskType(**shared, run=run)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerType(Declaration):
    """The declaration of a task runner: where the processes of script tasks run."""
