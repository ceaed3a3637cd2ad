"""For tests of plugins: runs a task alone, without a worker, and checks properties as `toccata flow validate` does."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.scope import Scope
from contracts.language.expression.template import render_value
from contracts.language.flow.violation import Violation
from toccata.plugin import Declaration, Level, MetricKind, Outputs, Storage, TaskFailed, TaskType
from toccata.plugins.host.binding import bind, check
from toccata.plugins.host.running import found, run_task
from toccata.runtime.isolation.environment import allowed
from toccata.runtime.storage import InternalStorage


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
    run = _AloneContext(folder, dict(variables or {}), Ran())
    if task_type.directory_variables is not None:
        more = await found(task_type, task_type.directory_variables)
        run.add(more(properties, await run.directory()))
    task = bind(task_type.properties, properties, run.render)
    outputs = await run_task(task_type, task, run)
    run.ran.outputs = {name: value for name, value in (outputs or {}).items() if value is not None}
    return run.ran


def problems(declared: Declaration, properties: Mapping[str, Any]) -> list[Violation]:
    """What is wrong with properties as written; empty: nothing."""
    return check(declared.properties, properties)


class _AloneContext:
    """``toccata.plugin.RunContext`` for one task."""

    def __init__(self, folder: Path, variables: dict[str, Any], ran: Ran) -> None:
        self.storage: Storage = InternalStorage(folder / "storage")
        self.ran = ran
        self._folder = folder
        self._variables = variables

    @property
    def variables(self) -> Mapping[str, Any]:
        return self._variables

    @property
    def file_prefix(self) -> str:
        return "kestra:///tests/flow/executions/1/tasks/task/1/"

    @property
    def markers(self) -> Mapping[str, str]:
        return {"TOCCATA_ATTEMPT": "test-1"}

    @property
    def environment(self) -> Mapping[str, str]:
        return allowed(os.environ, "")

    async def isolated(self, argv: Sequence[str]) -> Sequence[str]:
        return argv

    def add(self, variables: Mapping[str, Any]) -> None:
        self._variables = {**self._variables, **variables}

    def log(self, level: Level, message: str) -> None:
        self.ran.logs.append((level, message))

    async def log_room(self) -> None:
        return

    def render(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        try:
            return render_value(value, Scope({**self._variables, **(extra or {})}, datetime.now(UTC), 1))
        except ExpressionError as error:
            raise TaskFailed(str(error)) from None

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

    async def directory(self) -> Path:
        directory = self._folder / "work"
        directory.mkdir(exist_ok=True)
        return directory
