"""Runs one attempt without Kafka: the worker's own runner with an outbox that only collects."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from contracts.codec import Codec
from contracts.execution import AttemptEnded
from contracts.polling import Poll
from contracts.projection import ProjectionRequest
from contracts.reply import Reply
from contracts.telemetry import AttemptLogs, AttemptMetrics, LogLine, MetricPoint
from contracts.work import OutputReference, RunAttempt
from services.worker.directories import Directories
from services.worker.functions import Stores
from services.worker.polling import PollRunner
from services.worker.run_context import WorkerContext
from services.worker.runner import AttemptRunner
from tests.support.namespaces import Namespaces
from toccata.plugin import NO_CONTAINERS, ContainerRules, TaskType, TriggerType
from toccata.plugins.host.catalog import PluginCatalog
from toccata.runtime.errors import Transient
from toccata.runtime.flow_secrets import EnvironmentSecrets
from toccata.runtime.isolation.choice import NO_ISOLATION, Isolation
from toccata.runtime.isolation.environment import allowed

_logs: Codec[AttemptLogs] = Codec(AttemptLogs)
_metrics: Codec[AttemptMetrics] = Codec(AttemptMetrics)
_ended: Codec[AttemptEnded] = Codec(AttemptEnded)


class NobodyAnswers:
    """``toccata.runtime.past.Past`` where no web runs."""

    reply_to = 0

    async def ask(self, request: ProjectionRequest) -> Reply:
        raise Transient(f"nobody answers {type(request).__name__}")


class CollectingOutbox:
    """The worker's outbox port. It acknowledges at once and keeps everything."""

    def __init__(self) -> None:
        self.records: list[tuple[str, str, bytes]] = []
        self.on_post: Callable[[], None] = lambda: None

    def post(self, topic: str, key: str, value: bytes, done: Callable[[], None] | None = None) -> None:
        self.records.append((topic, key, value))
        self.on_post()
        if done is not None:
            done()

    async def drained(self) -> None:
        return

    def room(self) -> asyncio.Future[None] | None:
        return None

    def of(self, topic: str) -> list[bytes]:
        return [value for name, _, value in self.records if name == topic]


def a_run(
    task_type: str, properties: Mapping[str, Any] | None = None, number: int = 1, **fields: Any
) -> RunAttempt:
    task = {"properties": properties or {}, **fields.pop("task", {})}
    return RunAttempt(
        **{
            "execution_id": "e1",
            "task_run_id": f"tr{number}",
            "attempt": 1,
            "namespace": "company.team",
            "flow_id": "f",
            "revision": 1,
            "task_id": f"t{number}",
            "task_type": task_type,
            "task": msgspec.Raw(json.dumps(task).encode()),
            "variables": {},
            **fields,
        }
    )


@dataclass
class Bench:
    """Runs attempts and reads back their messages."""

    home: Path
    secrets: Mapping[str, str] = field(default_factory=dict)
    isolation: Isolation = NO_ISOLATION
    further: str = ""
    granted: frozenset[str] = frozenset()
    local_paths: tuple[Path, ...] = ()
    containers: ContainerRules = NO_CONTAINERS
    outbox: CollectingOutbox = field(default_factory=CollectingOutbox)

    def __post_init__(self) -> None:
        self.scratch = self.home / "work"
        self.scratch.mkdir(parents=True, exist_ok=True)
        self.namespaces = Namespaces(self.home / "storage")
        self.storage = self.namespaces.storage
        self.shared = WorkerContext(
            Stores(
                self.namespaces.values, self.namespaces.files, self.storage, NobodyAnswers(), self.granted
            ),
            EnvironmentSecrets(self.secrets),
            self.outbox,
            Directories(self.scratch),
            {"TOCCATA_WORKER": str(self.home)},
            self.isolation,
            allowed(os.environ, self.further),
            task_type=PluginCatalog.ours().task,
            local_paths=self.local_paths,
            containers=self.containers,
        )

    def runner(self, task_type: TaskType | None, run: RunAttempt) -> AttemptRunner:
        return AttemptRunner(run, task_type, self.shared, "w1")

    async def run(self, task_type: TaskType, properties: Mapping[str, Any], **fields: Any) -> AttemptEnded:
        return await self.run_attempt(task_type, a_run(task_type.name, properties, **fields))

    async def run_attempt(self, task_type: TaskType | None, run: RunAttempt) -> AttemptEnded:
        runner = self.runner(task_type, run)
        ended = _ended.decode(await runner.run())
        await runner.close()
        return ended

    async def poll(
        self,
        trigger_type: TriggerType | None,
        properties: Mapping[str, Any],
        number: int = 1,
        accepted: Sequence[str] = (),
        **fields: Any,
    ) -> AttemptEnded:
        """Poll a trigger. The id of the evaluation is ``ev<number>``, and that of its execution ``e1``."""
        name = trigger_type.name if trigger_type is not None else "example.Gone"
        seen = {"flow": {"id": "f", "namespace": "company.team"}, "trigger": {"id": "watch", "type": name}}
        fields = {**fields, "variables": {**seen, **fields.get("variables", {})}}
        run = a_run(
            name,
            properties,
            task_id="watch",
            task_run_id=f"ev{number}",
            poll=Poll("watch", list(accepted)),
            **fields,
        )
        runner = PollRunner(run, trigger_type, self.shared, "w1")
        ended = _ended.decode(await runner.run())
        await runner.close()
        return ended

    @property
    def lines(self) -> list[LogLine]:
        return [line for value in self.outbox.of("attempts.logs") for line in _logs.decode(value).lines]

    @property
    def messages(self) -> list[tuple[str, str]]:
        return [(line.level, line.message) for line in self.lines]

    @property
    def points(self) -> list[MetricPoint]:
        return [p for value in self.outbox.of("attempts.metrics") for p in _metrics.decode(value).points]


def reference(path: list[str], uri: str) -> OutputReference:
    return OutputReference(path, uri)
