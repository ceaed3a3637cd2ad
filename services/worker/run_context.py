"""What one attempt may use: the implementation of the plugins' ``RunContext``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from contracts.language.encrypted import NOT_CONFIGURED, decrypted, encrypted_value
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.scope import Limits, Scope
from contracts.language.expression.template import evaluate_value, render_value
from contracts.language.types.secret import secret_texts
from contracts.scalars import attempt_id, execution_folders
from contracts.work import RunAttempt
from services.worker.core.text import hidden_parts, redacted
from services.worker.directories import Directories, remove_directory
from services.worker.functions import Functions, Needed, Stores
from services.worker.past import AttemptPast
from services.worker.ports import Outbox, Secrets
from services.worker.stores import AttemptFiles, AttemptStorage, AttemptValues
from services.worker.telemetry import AttemptTelemetry
from toccata.plugin import (
    NO_CONTAINERS,
    NO_EVALUATION,
    NO_OPTIONS,
    ContainerRules,
    Evaluation,
    Http,
    HttpOptions,
    KeyValues,
    MetricKind,
    NamespaceFiles,
    Past,
    Properties,
    Storage,
    TaskFailed,
    TaskType,
)
from toccata.plugins.host.binding import bind
from toccata.plugins.host.running import described_task, found, run_task
from toccata.runtime.encryption import Cipher, Undecipherable
from toccata.runtime.isolation.choice import NO_ISOLATION, Isolation
from toccata.runtime.storage import InternalStorage, uri_of

Result = TypeVar("Result")
RENDER_SECONDS = 10.0
"""The limit of one rendering, because a template may loop for ever."""


_SHORTEST = 4
"""Characters of a secret property that are masked in logs. Masking a shorter one would break words, and say which it is."""
MOST_FETCHES = 1_000
"""What one rendering may fetch from outside, because a template may ask for ever new things."""


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """What all attempts of a worker share."""

    stores: Stores
    secrets: Secrets
    outbox: Outbox
    directories: Directories
    markers: Mapping[str, str]
    """Environment variables of all descendants of this worker."""
    isolation: Isolation = NO_ISOLATION
    """How scripts run."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """The worker's own variables that scripts may see."""
    public_url: str = ""
    """The address of the page for people."""
    local_paths: Sequence[Path] = ()
    """Folders of this machine that flows may use."""
    containers: ContainerRules = NO_CONTAINERS
    """What flows may do with a container engine."""
    cipher: Cipher | None = None
    """Of secret inputs and outputs. None: encryption is not configured."""
    task_type: Callable[[str], TaskType | None] = field(default=lambda _: None)
    """Finds what this worker runs under a name."""


class AttemptContext:
    """Lives as long as the attempt. :meth:`close` removes its folder, unless others share it."""

    def __init__(self, run: RunAttempt, shared: WorkerContext, telemetry: AttemptTelemetry) -> None:
        self._run = run
        self._shared = shared
        self._telemetry = telemetry
        self._variables: dict[str, Any] = run.variables
        self._kill_hooks: list[Callable[[], None]] = []
        self._directory: Path | None = None
        self.warned = False
        stores = shared.stores
        self.storage: Storage = AttemptStorage(stores.storage, stores.files, run.namespace)
        self.values: KeyValues = AttemptValues(stores.values, run.namespace)
        self.files: NamespaceFiles = AttemptFiles(stores.files, run.namespace)
        self.past: Past = AttemptPast(stores.past)
        self._functions = Functions(
            stores, run.namespace, lambda: self._variables, shared.secrets, self._hide
        )
        self.log = telemetry.log

    @property
    def has_directory(self) -> bool:
        """Whether the working directory was used yet."""
        return self._directory is not None

    @property
    def shared_storage(self) -> InternalStorage:
        """Internal storage without the addresses of namespace files, for what the worker itself keeps there."""
        return self._shared.stores.storage

    @property
    def variables(self) -> Mapping[str, Any]:
        return self._variables

    def decrypt(self) -> None:
        """Put texts in place of what is encrypted in the variables. No log shows them. Raise TaskFailed."""
        self._variables = decrypted(self._variables, self._decrypted)

    def _decrypted(self, ciphertext: str) -> str:
        try:
            text = self._cipher().decrypt(ciphertext)
        except Undecipherable as error:
            raise TaskFailed(f"A secret input or output cannot be decrypted: {error}") from None
        self._hide(text)
        return text

    def _hide(self, text: str) -> None:
        self._telemetry.secrets.update(hidden_parts(text))

    def encrypted(self, text: str) -> dict[str, str]:
        """Return the text as a value that may be kept. Raise TaskFailed."""
        self._hide(text)
        return encrypted_value(self._cipher().encrypt(text))

    def _cipher(self) -> Cipher:
        if self._shared.cipher is None:
            raise TaskFailed(f"{NOT_CONFIGURED}: set TOCCATA_ENCRYPTION_SECRET_KEY for web and all workers")
        return self._shared.cipher

    @property
    def evaluation(self) -> Evaluation:
        poll = self._run.poll
        return NO_EVALUATION if poll is None else Evaluation(self._run.task_run_id, frozenset(poll.accepted))

    @property
    def public_url(self) -> str:
        return self._shared.public_url

    @property
    def local_paths(self) -> Sequence[Path]:
        return self._shared.local_paths

    @property
    def file_prefix(self) -> str:
        run = self._run
        folders = execution_folders(run.namespace, run.flow_id, run.execution_id)
        if run.poll is not None:
            return uri_of(*folders, "trigger", run.poll.trigger_id) + "/"
        return uri_of(*folders, "tasks", run.task_id, run.task_run_id) + "/"

    @property
    def markers(self) -> Mapping[str, str]:
        key = attempt_id(self._run.task_run_id, self._run.attempt)
        return {**self._shared.markers, "TOCCATA_ATTEMPT": key}

    @property
    def environment(self) -> Mapping[str, str]:
        return self._shared.environment

    @property
    def containers(self) -> ContainerRules:
        return self._shared.containers

    async def isolated(self, argv: Sequence[str]) -> Sequence[str]:
        return await asyncio.to_thread(self._shared.isolation.command, argv, await self.directory())

    async def log_room(self) -> None:
        room = self._shared.outbox.room()
        if room is not None:
            await asyncio.shield(room)

    def metric(
        self, kind: MetricKind, name: str, value: float, tags: Mapping[str, str] | None = None
    ) -> None:
        self._telemetry.metric(kind, name, value, tags or {})

    def warn(self, message: str) -> None:
        self.warned = True
        self.log("WARN", message)

    def on_kill(self, hook: Callable[[], None]) -> None:
        self._kill_hooks.append(hook)

    def kill(self) -> None:
        """Run the hooks. One that fails is logged, and does not hold up the others."""
        for hook in self._kill_hooks:
            try:
                hook()
            except Exception as error:  # noqa: BLE001 - a plugin's code
                self.log("WARN", f"kill hook failed: {type(error).__name__}: {error}")

    async def bound(self, properties: type[Properties], written: Mapping[str, Any]) -> Properties:
        """Render and validate properties. Raise TaskFailed. What templates need from outside is fetched without blocking."""
        task = await self.fetching(lambda: bind(properties, written, self._rendered))
        self._telemetry.secrets.update(text for text in secret_texts(task) if len(text) >= _SHORTEST)
        return task

    async def evaluate(self, value: Any) -> Any:
        return await self.fetching(lambda: self._rendered(value, typed=True))

    def render(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        for _ in range(MOST_FETCHES):
            try:
                return self._rendered(value, extra)
            except Needed as needed:
                self._functions.answer_now(needed)
        raise _too_many()

    async def fetching(self, work: Callable[[], Result]) -> Result:
        """Do it again and again, each time with one more answer from outside."""
        for _ in range(MOST_FETCHES):
            try:
                return work()
            except Needed as needed:
                await self._functions.answer(needed)
        raise _too_many()

    def _rendered(self, value: Any, extra: Mapping[str, Any] | None = None, *, typed: bool = False) -> Any:
        if isinstance(value, str) and "{" not in value:
            return value
        try:
            scope = self.scope(extra)
            return evaluate_value(value, scope) if typed else render_value(value, scope)
        except ExpressionError as error:
            raise TaskFailed(str(error)) from None

    def scope(self, extra: Mapping[str, Any] | None = None) -> Scope:
        """Return what one rendering may know: the attempt's variables, and the functions that a worker has."""
        deadline = time.monotonic() + RENDER_SECONDS
        return Scope(
            {**self._variables, **extra} if extra else self._variables,
            datetime.now(UTC),
            hash((self._run.task_run_id, self._run.attempt, time.monotonic_ns())),
            self._functions.ports,
            Limits(expired=lambda: time.monotonic() > deadline),
        )

    def without_secrets(self, text: str) -> str:
        """Mask the secrets that this attempt has read."""
        return redacted(text, self._telemetry.secrets) if self._telemetry.secrets else text

    async def perform(self, spec: str) -> Mapping[str, Any]:
        found_type, own = described_task(spec, self._run.task_type, self._shared.task_type)
        if found_type.directory_variables is not None:
            variables = await found(found_type, found_type.directory_variables)
            self.add_variables(variables(own, await self.directory()))
        return await run_task(found_type, await self.bound(found_type.properties, own), self) or {}

    @asynccontextmanager
    async def http(self, options: HttpOptions = NO_OPTIONS) -> AsyncIterator[Http]:
        client = await asyncio.to_thread(import_module, "toccata.kit.http.client")
        self._telemetry.secrets.update(text for text in secret_texts(options) if len(text) >= _SHORTEST)
        async with client.opened(options, self._shared.stores.reach, self.log) as http:
            yield http

    async def directory(self) -> Path:
        if self._directory is None:
            self._directory = self._shared.directories.new()
        return self._directory

    def enter(self) -> bool:
        """Use the directory that the attempt shares. Return whether it is here."""
        shared = self._run.directory
        assert shared is not None
        self._directory = self._shared.directories.take(shared.id)
        return self._directory is not None

    def leave(self) -> None:
        """Stop using it."""
        if self._run.directory is not None and self._directory is not None:
            self._shared.directories.give_back(self._run.directory.id)
            self._directory = None

    def add_variables(self, variables: Mapping[str, Any]) -> None:
        self._variables = {**self._variables, **variables}

    async def close(self) -> None:
        self.leave()
        if self._directory is not None:
            directory, self._directory = self._directory, None
            await asyncio.to_thread(remove_directory, directory)


def _too_many() -> TaskFailed:
    return TaskFailed(f"a template fetches more than {MOST_FETCHES} things from outside")
