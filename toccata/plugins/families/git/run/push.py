"""``git.Push``"""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from toccata.files import copy_namespace_files, inside, write_files
from toccata.plugin import FETCHED_FOLDER, Outputs, RunContext
from toccata.plugins.families.git.run.address import ref_of
from toccata.plugins.families.git.run.clone import folder_of, working_copy
from toccata.plugins.families.git.run.command import Git, own_namespace
from toccata.plugins.families.git.run.commit import Commit, pushed
from toccata.plugins.families.git.run.push_flows import path_of
from toccata.plugins.families.git.run.server import server
from toccata.plugins.families.git.types import Push


async def run(task: Push, run: RunContext) -> Outputs:
    git = await Git.of(task, run)
    directory = await run.directory()
    source = inside(directory, task.directory) if task.directory else directory
    await copy_namespace_files(run, task.namespace_files)
    await write_files(run, task.input_files)
    if (source / ".git").is_dir():  # a task before has cloned it
        root = source
        await git(root, "symbolic-ref", "HEAD", f"refs/heads/{ref_of(task.branch, 'branch')}")
    else:
        root = await working_copy(git, task, task.branch, create=True)
        await asyncio.to_thread(_copy, source, root)
    await _write_flows(task, run, root)
    await git(root, "add", "--all", "--", *task.add_files_pattern)
    commit = Commit(
        message=task.commit_message,
        branch=task.branch,
        name=task.author.name or task.username,
        email=task.author.email,
    )
    return {"commitId": await pushed(git, root, commit)}


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(
        source,
        target,
        symlinks=True,
        dirs_exist_ok=True,
        ignore=lambda folder, names: [each for each in names if each in {".git", FETCHED_FOLDER}],
    )


async def _write_flows(task: Push, run: RunContext, root: Path) -> None:
    if not task.flows.enabled:
        return
    namespace = own_namespace(run)
    async with server(run, task.kestra_url, task.auth) as there:
        flows = await there.flows(namespace, below=task.flows.child_namespaces)
    base = folder_of(root, task.flows.git_directory)
    for flow in flows:
        path = inside(root, str((base / path_of(flow, namespace)).relative_to(root)))
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(path.write_text, flow.source, encoding="utf-8")
