"""Runs a task: its function is found when the first task of its type runs, so that only what runs is imported."""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module
from typing import Any, TypeVar

from toccata.plugin import Outputs, RunContext, TaskFailed, TaskType

Function = TypeVar("Function")


async def run_task(task_type: TaskType, task: Any, run: RunContext) -> Outputs | None:
    """Raises TaskFailed where a library is missing, and whatever the task raises."""
    function = await found(task_type, task_type.run)
    try:
        return await function(task, run)
    except ModuleNotFoundError as error:
        if task_type.extra is None:
            raise
        raise _missing(task_type, error) from error


async def found(task_type: TaskType, function: Function | str) -> Function:
    """A function that a declaration gives, or names as ``package.module:name``. Raises TaskFailed."""
    if not isinstance(function, str):
        return function
    module, _, name = function.partition(":")
    try:
        if module not in sys.modules:
            # An import takes long, seconds with large libraries: the other attempts go on meanwhile.
            await asyncio.to_thread(import_module, module)
        result: Function = getattr(sys.modules[module], name)
    except ModuleNotFoundError as error:
        raise _missing(task_type, error) from error
    except Exception as error:
        raise TaskFailed(
            f"the code of {task_type.name} does not load: {type(error).__name__}: {error}"
        ) from error
    return result


def _missing(task_type: TaskType, error: ModuleNotFoundError) -> TaskFailed:
    if task_type.extra is None:
        return TaskFailed(f"the code of {task_type.name} does not load: {error}")
    return TaskFailed(
        f"{task_type.name} needs `{error.name}`, which this worker does not have. "
        f"Install it there: pip install '{task_type.extra}'"
    )
