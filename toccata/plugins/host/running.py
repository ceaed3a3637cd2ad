"""Runs a task, or a poll. Its function is looked up when the first one of the type runs, so that unused code is not imported."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any, TypeVar

from contracts.language.flow.catalog import modern_name
from contracts.language.flow.reader import TASK_KEYS
from contracts.language.yaml_text.document import FlowSyntaxError, load_document
from toccata.plugin import Outputs, RunContext, TaskFailed, TaskType, TriggerEvent, TriggerType

Function = TypeVar("Function")
_importing: dict[str, asyncio.Task[ModuleType]] = {}
"""Imports that have not ended."""


async def run_task(task_type: TaskType, task: Any, run: RunContext) -> Outputs | None:
    """Raises TaskFailed if a library is missing, and every exception of the task."""
    function = await found(task_type, task_type.run)
    try:
        return await function(task, run)
    except ModuleNotFoundError as error:
        if task_type.extra is None:
            raise
        raise _missing(task_type, error) from error


async def run_poll(trigger_type: TriggerType, trigger: Any, run: RunContext) -> Sequence[TriggerEvent]:
    """Raises TaskFailed if a library is missing, or if it is not polled, and every exception of the poll."""
    asked = trigger_type.poll or trigger_type.subscribe
    if asked is None:
        raise TaskFailed(f"triggers of type {trigger_type.name} are not polled")
    function = await found(trigger_type, asked)
    try:
        return await function(trigger, run)
    except ModuleNotFoundError as error:
        if trigger_type.extra is None:
            raise
        raise _missing(trigger_type, error) from error


async def found(task_type: TaskType | TriggerType, function: Function | str) -> Function:
    """The function of a declaration, given directly or as ``package.module:name``. Raises TaskFailed."""
    if not isinstance(function, str):
        return function
    module, _, name = function.partition(":")
    try:
        await _imported(module)
        result: Function = getattr(sys.modules[module], name)
    except ModuleNotFoundError as error:
        raise _missing(task_type, error) from error
    except Exception as error:
        raise TaskFailed(
            f"the code of {task_type.name} does not load: {type(error).__name__}: {error}"
        ) from error
    return result


def described_task(
    spec: str, around: str, find: Callable[[str], TaskType | None]
) -> tuple[TaskType, dict[str, Any]]:
    """The type of the task that a YAML text describes, and its own properties. ``around``: the type of the task that has the
    text. Raises TaskFailed for what is no task that a worker runs."""
    try:
        written = load_document(spec).value
    except FlowSyntaxError as error:
        raise TaskFailed(f"The task's text is no YAML: {error.problem}, in its line {error.line}") from None
    name = written.get("type") if isinstance(written, dict) else None
    if not isinstance(written, dict) or not isinstance(name, str):
        raise TaskFailed("The task's text must be a map with a `type`")
    task_type = find(name) or find(modern_name(name))
    if task_type is None:
        raise TaskFailed(
            f"The templated task must be a runnable task, and `{name}` is none that this worker runs"
        )
    if task_type.name == around:
        raise TaskFailed(f"The templated task cannot be of type '{task_type.name}'")
    return task_type, {key: value for key, value in written.items() if key not in TASK_KEYS}


async def _imported(module: str) -> None:
    """Importing a large library takes seconds. In a thread, it does not hold up other attempts.

    ``sys.modules`` also has a module that is still being imported, so attempts that begin meanwhile wait for the same import."""
    importing = _importing.get(module)
    if importing is None and module not in sys.modules:
        importing = asyncio.create_task(asyncio.to_thread(import_module, module))
        _importing[module] = importing
        importing.add_done_callback(lambda _: _importing.pop(module))
    if importing is not None:
        await asyncio.shield(importing)


def _missing(task_type: TaskType | TriggerType, error: ModuleNotFoundError) -> TaskFailed:
    if task_type.extra is None:
        return TaskFailed(f"the code of {task_type.name} does not load: {error}")
    return TaskFailed(
        f"{task_type.name} needs `{error.name}`, which this worker does not have. "
        f"Install it there: pip install '{task_type.extra}'"
    )
