"""``git.PushNamespaceFiles`` and ``git.PushExecutionFiles``"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from toccata.files import fetch, matches_path, matching
from toccata.plugin import Outputs, RunContext, TaskFailed, glob_pattern
from toccata.plugins.families.git.run.command import Git, own_namespace
from toccata.plugins.families.git.run.mirror import Content, Write, mirrored
from toccata.plugins.families.git.types import PushExecutionFiles, PushNamespaceFiles


async def namespace(task: PushNamespaceFiles, run: RunContext) -> Outputs:
    git = await Git.of(task, run)
    files: dict[str, Write] = {}
    name = task.namespace or own_namespace(run)
    for path in await run.files.paths(name):
        if task.files is None or matches_path(path, task.files) or matches_path(Path(path).name, task.files):
            files[path.lstrip("/")] = _fetcher(run, await run.files.address(path, name))
    if not files and task.error_on_missing:
        raise TaskFailed(f"files: no file of namespace `{name}` matches {task.files}")
    message = f"Add files from {name} namespace"
    outputs, uri = await mirrored(git, task, Content(task.git_directory, files, task.files), message)
    return {**outputs, "files": uri}


async def execution(task: PushExecutionFiles, run: RunContext) -> Outputs:
    git = await Git.of(task, run)
    files = await _chosen(task, run)
    if not files:
        if task.error_on_missing:
            raise TaskFailed(f"there is no file to push (`files`: {task.files})")
        run.log("WARN", "There is no file to push")
    message = f"Add files from execution {run.variables.get('execution', {}).get('id', '')}".strip()
    # Those of other executions stay: only the same names are overwritten.
    kept = task.model_copy(update={"delete": task.delete and "delete" in task.model_fields_set})
    outputs, uri = await mirrored(git, kept, Content(task.git_directory, files, task.files), message)
    return {**outputs, "files": uri}


async def _chosen(task: PushExecutionFiles, run: RunContext) -> dict[str, Write]:
    if task.files_map:
        return {name: _fetcher(run, str(uri)) for name, uri in task.files_map.items()}
    if task.files is not None:
        directory = await run.directory()
        patterns = [glob_pattern(each) for each in task.files]
        found = await asyncio.to_thread(matching, directory, patterns)
        if found:
            return {name: _copier(path) for name, path in found}
    written = dict(_output_files(run.variables.get("outputs")))
    return {
        name: _fetcher(run, uri)
        for name, uri in written.items()
        if task.files is None or matches_path(name, task.files)
    }


def _output_files(outputs: Any) -> Iterator[tuple[str, str]]:
    for each in outputs.values() if isinstance(outputs, dict) else ():
        files = each.get("outputFiles") if isinstance(each, dict) else None
        if isinstance(files, dict):
            yield from ((name, str(uri)) for name, uri in files.items())


def _fetcher(run: RunContext, uri: str) -> Write:
    async def write(path: Path) -> None:
        await fetch(run, uri, path)

    return write


def _copier(source: Path) -> Write:
    async def write(path: Path) -> None:
        await asyncio.to_thread(shutil.copyfile, source, path)

    return write
