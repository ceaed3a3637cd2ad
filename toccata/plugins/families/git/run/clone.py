"""``git.Clone``, and the clones of other tasks."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from toccata.files import inside
from toccata.plugin import FETCHED_FOLDER, Outputs, RunContext, TaskFailed, scratch
from toccata.plugins.families.git.run.address import commit_of, ref_of
from toccata.plugins.families.git.run.command import Git
from toccata.plugins.families.git.types import Clone, Cloning, Repository


async def run(task: Clone, run: RunContext) -> Outputs:
    git = await Git.of(task, run)
    directory = await run.directory()
    target = inside(directory, task.directory) if task.directory else directory
    if (target / ".git").exists():
        raise TaskFailed(f"directory: `{task.directory or '.'}` holds a repository already")
    # It is cloned elsewhere and moved, because Git clones only into empty folders.
    fresh = await scratch(run) / "clone"
    await git(directory, "clone", *_options(task), "--no-checkout", "--", git.url, str(fresh))
    await asyncio.to_thread(_move, fresh / ".git", target)
    await _check_out(git, target, task)
    run.log("INFO", f"Cloned {task.url}" + (f" at {task.branch}" if task.branch else ""))
    return {"directory": str(target)}


def _options(task: Clone) -> list[str]:
    options = ["--quiet"]
    if task.branch is not None:
        options.append(f"--branch={ref_of(task.branch, 'branch')}")
    if task.commit is None and task.tag is None:
        options.append(f"--depth={task.depth}")
    options.append("--no-single-branch" if task.clone_all_branches or task.commit else "--single-branch")
    if task.no_tags and task.tag is None:
        options.append("--no-tags")
    return options


async def _check_out(git: Git, target: Path, task: Clone) -> None:
    if task.commit is not None:
        await _detach(
            git, target, commit_of(task.commit), f"commit: the repository has no commit `{task.commit}`"
        )
    elif task.tag is not None:
        ref = f"refs/tags/{ref_of(task.tag, 'tag')}"
        await _detach(git, target, ref, f"tag: the repository has no tag `{task.tag}`")
    else:
        code, _, _ = await git.try_(target, "rev-parse", "--verify", "--quiet", "HEAD")
        if code == 0:  # otherwise the repository is empty
            await git(target, "reset", "--quiet", "--hard")
    if task.clone_submodules:
        await git(target, "submodule", "--quiet", "update", "--init", "--recursive")


async def _detach(git: Git, target: Path, ref: str, otherwise: str) -> None:
    code, _, _ = await git.try_(target, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if code:
        raise TaskFailed(otherwise)
    await git(target, "checkout", "--quiet", "--force", "--detach", ref)


def _move(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    shutil.move(source, target / ".git")
    with (target / ".git" / "info" / "exclude").open("a", encoding="utf-8") as file:
        file.write(f"{FETCHED_FOLDER}/\n")  # no file of the task


async def working_copy(git: Git, task: Repository, branch: str, *, create: bool) -> Path:
    """A fresh clone of one branch. ``create``: a branch that does not exist begins at the repository's own."""
    folder = await scratch(git.run) / "repository"
    directory = await git.run.directory()
    ref = f"refs/heads/{ref_of(branch, 'branch')}"
    there = bool((await git(directory, "ls-remote", "--heads", "--", git.url, ref)).strip())
    if not there and not create:
        raise TaskFailed(f"branch: the repository has no branch `{branch}`")
    options = ["--quiet", "--depth=1", *([f"--branch={branch}"] if there else [])]
    if isinstance(task, Cloning) and task.clone_submodules:
        options += ["--recurse-submodules", "--shallow-submodules"]
    await git(directory, "clone", *options, "--", git.url, str(folder))
    if not there:
        await git(folder, "symbolic-ref", "HEAD", ref)
    return folder


def folder_of(root: Path, name: str) -> Path:
    """A folder of a clone. Raise TaskFailed if the name leads out of it."""
    return inside(root, name.strip("/") or ".")
