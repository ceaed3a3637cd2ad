"""Runs a step of a shared working directory: makes it and fills it, keeps files of it, removes it.

It runs in this process, and starts no program. A step that fails leaves no directory behind."""

from __future__ import annotations

from contracts.language.types.flowable.working_directory import WorkingDirectory
from contracts.work import Directory
from services.worker.cache import restore, save
from services.worker.directories import Directories
from services.worker.run_context import AttemptContext
from toccata.files import copy_namespace_files, keep_files, write_files
from toccata.plugin import Outputs

ENTER, LEAVE = "enter", "leave"


async def visit(
    step: Directory, context: AttemptContext, directories: Directories, written: dict[str, object]
) -> Outputs:
    """Return the outputs of the flowable, which only ``leave`` gives. Raise TaskFailed."""
    outputs: Outputs = {}
    try:
        if step.step == ENTER:
            directories.make(step.id)
            context.enter()
            await _fill(context, written)
            return outputs
        if step.step == LEAVE:
            outputs = await _keep(context, written)
    except BaseException:
        await _remove(step, context, directories)
        raise
    await _remove(step, context, directories)
    return outputs


async def _remove(step: Directory, context: AttemptContext, directories: Directories) -> None:
    context.leave()
    await directories.remove(step.id)


async def _fill(context: AttemptContext, written: dict[str, object]) -> None:
    """Files of the cache come first, then those of namespaces, then the task's own. Later ones win."""
    task = await context.bound(WorkingDirectory, written)
    assert isinstance(task, WorkingDirectory)
    if task.cache is not None:
        await restore(context, task.cache)
    await copy_namespace_files(context, task.namespace_files)
    await write_files(context, task.input_files)


async def _keep(context: AttemptContext, written: dict[str, object]) -> Outputs:
    task = await context.bound(WorkingDirectory, written)
    assert isinstance(task, WorkingDirectory)
    kept = await keep_files(context, task.output_files)
    if task.cache is not None:
        await save(context, task.cache)
    return {"outputFiles": kept} if task.output_files else {}
