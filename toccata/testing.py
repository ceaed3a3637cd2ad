"""For tests of plugins: runs a task alone, without a worker, and checks properties as `toccata flow validate` does."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from contracts.language.encrypted import encrypted_value
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.scope import Scope
from contracts.language.expression.template import evaluate_value, render_value
from contracts.language.flow.violation import Violation
from contracts.language.stored_value import BadValue, check_key, converted, loaded, natural
from contracts.namespace_path import is_below
from toccata.kit.container import own_host
from toccata.kit.http.reach import EVERYWHERE
from toccata.plugin import (
    NO_OPTIONS,
    ContainerRules,
    Declaration,
    Evaluation,
    Flows,
    Http,
    HttpOptions,
    KeyMissing,
    KeyValues,
    Level,
    MetricKind,
    NamespaceFiles,
    Outputs,
    Past,
    Storage,
    TaskFailed,
    TaskType,
    TriggerEvent,
    TriggerType,
    ValueKind,
)
from toccata.plugins.host.binding import bind, check
from toccata.plugins.host.catalog import PluginCatalog
from toccata.plugins.host.running import described_task, found, run_poll, run_task
from toccata.runtime.encryption import Cipher, new_key
from toccata.runtime.isolation.environment import allowed
from toccata.runtime.storage import InternalStorage

NAMESPACE = "tests"
"""The namespace of the flow that a task alone pretends to be in."""


@dataclass(slots=True)
class Ran:
    """What a task did."""

    outputs: Outputs = field(default_factory=dict)
    logs: list[tuple[Level, str]] = field(default_factory=list)
    metrics: dict[str, float] = field(default_factory=dict)
    """The last value by name."""
    warned: bool = False
    """It would end as WARNING."""


async def run_alone(
    task_type: TaskType,
    properties: Mapping[str, Any],
    folder: Path,
    variables: Mapping[str, Any] | None = None,
) -> Ran:
    """Properties as written in a flow, expressions rendered over ``variables``. Internal storage and the working directory
    are below ``folder``. Raises TaskFailed where the task would fail, and whatever else it raises."""
    run = _AloneContext(folder, dict(variables or {}), Ran(), task_type.name)
    if task_type.directory_variables is not None:
        more = await found(task_type, task_type.directory_variables)
        run.add(more(properties, await run.directory()))
    task = bind(task_type.properties, properties, run.render)
    outputs = await run_task(task_type, task, run)
    run.ran.outputs = {name: value for name, value in (outputs or {}).items() if value is not None}
    return run.ran


class PolledAlone:
    """A trigger that is polled alone, again and again. Values and internal storage stay between its polls."""

    def __init__(
        self,
        trigger_type: TriggerType,
        properties: Mapping[str, Any],
        folder: Path,
        variables: Mapping[str, Any] | None = None,
    ) -> None:
        self._type = trigger_type
        self._properties = properties
        known = {"flow": {"id": "flow", "namespace": NAMESPACE}, "trigger": {"id": "trigger"}}
        self._run = _AloneContext(folder, {**known, **(variables or {})}, Ran(), trigger_type.name)
        self._polls = 0
        self._accepted: frozenset[str] = frozenset()

    @property
    def values(self) -> KeyValues:
        """Those of the namespace."""
        return self._run.values

    @property
    def logs(self) -> list[tuple[Level, str]]:
        return self._run.ran.logs

    async def poll(self, *, lost: bool = False) -> Sequence[TriggerEvent]:
        """Return what it found. ``lost``: nobody hears of it, as if the worker had died at the end."""
        self._polls += 1
        self._run.evaluation = Evaluation(f"poll-{self._polls}", self._accepted)
        if self._type.directory_variables is not None:
            more = await found(self._type, self._type.directory_variables)
            self._run.add(more(self._properties, await self._run.directory()))
        trigger = bind(self._type.properties, self._properties, self._run.render)
        events = await run_poll(self._type, trigger, self._run)
        if events and not lost:
            self._accepted = frozenset(event.id or self._run.evaluation.id for event in events)
        return events


def problems(declared: Declaration, properties: Mapping[str, Any]) -> list[Violation]:
    """What is wrong with properties as written; empty: nothing."""
    return check(declared.properties, properties)


class _AloneValues:
    """``toccata.plugin.KeyValues`` in memory. Nothing expires."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], Any] = {}

    async def get(self, key: str, namespace: str | None = None) -> Any:
        try:
            return self._held[namespace or NAMESPACE, key]
        except KeyError:
            raise KeyMissing(
                f"The key '{key}' does not exist in the namespace '{namespace or NAMESPACE}'."
            ) from None

    async def set(  # noqa: PLR0913 - as the port says
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
        del ttl, description
        name = (namespace or NAMESPACE, key)
        if name in self._held and not overwrite:
            raise TaskFailed(f"The key `{key}` already exists in namespace `{name[0]}`")
        try:
            check_key(key)
            self._held[name] = loaded(natural(value)[1] if kind is None else converted(value, kind))
        except BadValue as error:
            raise TaskFailed(str(error)) from None

    async def delete(self, key: str, namespace: str | None = None) -> bool:
        return self._held.pop((namespace or NAMESPACE, key), None) is not None

    async def keys(self, namespace: str | None = None) -> list[str]:
        return sorted(key for owner, key in self._held if owner == (namespace or NAMESPACE))

    async def namespaces(self) -> list[str]:
        return sorted({owner for owner, _ in self._held})

    async def expired(self, namespace: str) -> list[str]:
        del namespace
        return []


class _AloneFiles:
    """``toccata.plugin.NamespaceFiles`` in internal storage, without revisions."""

    def __init__(self, storage: InternalStorage) -> None:
        self._storage = storage

    async def paths(self, namespace: str | None = None) -> list[str]:
        root = self._address("", namespace)
        return [uri.removeprefix(root) for uri in await self._storage.below(root)]

    async def address(self, path: str, namespace: str | None = None) -> str:
        return self._address(path, namespace)

    async def put(
        self, path: str, content: bytes | Path, namespace: str | None = None, *, overwrite: bool = True
    ) -> str:
        uri = self._address(path, namespace)
        if not overwrite and await self._storage.exists(uri):
            raise TaskFailed(f"`{path}` exists already")
        return await self._storage.put(uri, content)

    async def delete(self, path: str, namespace: str | None = None) -> list[str]:
        gone = [each for each in await self.paths(namespace) if each == path or is_below(each, path)]
        for each in gone:
            await self._storage.delete(self._address(each, namespace))
        return gone

    async def is_empty(self, folder: str, namespace: str | None = None) -> bool:
        return not any(is_below(each, folder) for each in await self.paths(namespace))

    async def is_folder(self, path: str, namespace: str | None = None) -> bool:
        return any(is_below(each, path) for each in await self.paths(namespace))

    async def revisions(self, path: str, namespace: str | None = None) -> list[tuple[int, datetime]]:
        return [(1, datetime.now(UTC))] if path in await self.paths(namespace) else []

    async def forget(self, path: str, numbers: Sequence[int], namespace: str | None = None) -> None:
        """There are no old revisions."""

    def _address(self, path: str, namespace: str | None) -> str:
        return f"kestra:///{(namespace or NAMESPACE).replace('.', '/')}/_files{path}"


class _AlonePast:
    """``toccata.plugin.Past`` where nothing happened before."""

    async def purge_executions(
        self, flows: Flows, states: Sequence[str], kinds: Collection[str]
    ) -> Mapping[str, int]:
        del flows, states
        return dict.fromkeys(("executions", "logs", "metrics", "files"), 0) | dict.fromkeys(kinds, 0)

    async def purge_logs(self, flows: Flows, levels: Sequence[Level]) -> int:
        del flows, levels
        return 0

    async def count(
        self,
        flows: Sequence[tuple[str, str]],
        namespaces: Sequence[str],
        states: Sequence[str],
        during: tuple[int | None, int | None],
    ) -> tuple[list[tuple[str, str, int]], list[tuple[str, int]]]:
        del states, during
        return [(*each, 0) for each in flows], [(each, 0) for each in namespaces]

    async def logs(
        self,
        uri: str,
        execution_id: str,
        level: Level,
        tasks: Sequence[str] = (),
        flow: tuple[str, str] | None = None,
    ) -> int:
        del uri, execution_id, level, tasks, flow
        raise TaskFailed("A task that is tested alone has no log to read")


class _AloneContext:
    """``toccata.plugin.RunContext`` for one task."""

    def __init__(self, folder: Path, variables: dict[str, Any], ran: Ran, type_name: str) -> None:
        self._type_name = type_name
        storage = InternalStorage(folder / "storage")
        self.storage: Storage = storage
        self.values: KeyValues = _AloneValues()
        self.files: NamespaceFiles = _AloneFiles(storage)
        self.past: Past = _AlonePast()
        self.ran = ran
        self._folder = folder
        self._cipher = Cipher(new_key())
        self._variables = variables
        self.evaluation = Evaluation()

    @property
    def variables(self) -> Mapping[str, Any]:
        return self._variables

    @property
    def public_url(self) -> str:
        return "http://localhost:8080"

    @property
    def local_paths(self) -> Sequence[Path]:
        return ()

    @property
    def file_prefix(self) -> str:
        return "kestra:///tests/flow/executions/1/tasks/task/1/"

    @property
    def markers(self) -> Mapping[str, str]:
        return {"TOCCATA_ATTEMPT": "test-1"}

    @property
    def environment(self) -> Mapping[str, str]:
        return allowed(os.environ, "")

    @property
    def containers(self) -> ContainerRules:
        return ContainerRules(containers="preferred", host=own_host("", os.environ))

    async def isolated(self, argv: Sequence[str]) -> Sequence[str]:
        return argv

    def add(self, variables: Mapping[str, Any]) -> None:
        self._variables = {**self._variables, **variables}

    async def perform(self, spec: str) -> Mapping[str, Any]:
        task_type, properties = described_task(spec, self._type_name, PluginCatalog.ours().task)
        if task_type.directory_variables is not None:
            more = await found(task_type, task_type.directory_variables)
            self.add(more(properties, await self.directory()))
        return await run_task(task_type, bind(task_type.properties, properties, self.render), self) or {}

    def log(self, level: Level, message: str) -> None:
        self.ran.logs.append((level, message))

    async def log_room(self) -> None:
        return

    def render(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        try:
            return render_value(value, Scope({**self._variables, **(extra or {})}, datetime.now(UTC), 1))
        except ExpressionError as error:
            raise TaskFailed(str(error)) from None

    async def evaluate(self, value: Any) -> Any:
        try:
            return evaluate_value(value, Scope(self._variables, datetime.now(UTC), 1))
        except ExpressionError as error:
            raise TaskFailed(str(error)) from None

    def encrypted(self, text: str) -> dict[str, str]:
        return encrypted_value(self._cipher.encrypt(text))

    def metric(
        self, kind: MetricKind, name: str, value: float, tags: Mapping[str, str] | None = None
    ) -> None:
        del kind, tags
        self.ran.metrics[name] = value

    def warn(self, message: str) -> None:
        self.ran.warned = True
        self.log("WARN", message)

    def on_kill(self, hook: Callable[[], None]) -> None:
        """Nobody kills it."""

    @asynccontextmanager
    async def http(self, options: HttpOptions = NO_OPTIONS) -> AsyncIterator[Http]:
        from toccata.kit.http.client import opened

        async with opened(options, EVERYWHERE, self.log) as http:
            yield http

    async def directory(self) -> Path:
        directory = self._folder / "work"
        directory.mkdir(exist_ok=True)
        return directory
