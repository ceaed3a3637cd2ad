"""Makes a folder of a clone what is given, and pushes it: what the tasks ``Push…`` share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from toccata.files import inside, matches_path
from toccata.plugin import RunContext, TaskFailed
from toccata.plugins.families.git.run.address import page_of
from toccata.plugins.families.git.run.clone import folder_of, working_copy
from toccata.plugins.families.git.run.command import Git
from toccata.plugins.families.git.run.commit import Commit, changes, pushed
from toccata.plugins.families.git.types import Pushing

Write = Callable[[Path], Awaitable[None]]
"""Writes a file to the path."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a folder is to hold."""

    folder: str
    files: Mapping[str, Write]
    """By their paths in the folder."""
    globs: Sequence[str] | None
    """If given, only files that match are removed."""


async def mirrored(git: Git, task: Pushing, wanted: Content, message: str) -> tuple[dict[str, str], str]:
    """Outputs of the commit, and the URI of the changes. Raise TaskFailed."""
    run: RunContext = git.run
    root = await working_copy(git, task, task.branch, create=True)
    base = folder_of(root, wanted.folder)
    await asyncio.to_thread(base.mkdir, parents=True, exist_ok=True)
    if task.delete:
        await asyncio.to_thread(_remove, base, wanted)
    for name, write in wanted.files.items():
        path = inside(root, str((base / name).relative_to(root)))
        await asyncio.to_thread(_make_room, path, name)
        await write(path)
    await git(root, "add", "--all", "--force", "--", str(base.relative_to(root)))
    uri = await changes(git, root)
    if task.dry_run:
        run.log("INFO", f"Dry run: nothing is pushed to {task.url} until `dryRun` is false")
        return {}, uri
    commit = Commit(
        message=task.commit_message or message,
        branch=task.branch,
        name=task.author_name or task.username,
        email=task.author_email,
    )
    found = await pushed(git, root, commit)
    if found is None:
        return {}, uri
    page = page_of(git.url, task.branch, found)
    return {"commitId": found, **({"commitURL": page} if page else {})}, uri


def _remove(base: Path, wanted: Content) -> None:
    for path in sorted(base.rglob("*")):
        name = path.relative_to(base).as_posix()
        is_git = ".git" in path.relative_to(base).parts
        if name in wanted.files or is_git or (path.is_dir() and not path.is_symlink()):
            continue
        names = (name, path.name, path.stem)
        if wanted.globs is None or any(matches_path(each, wanted.globs) for each in names):
            path.unlink()


def _make_room(path: Path, name: str) -> None:
    if ".git" in Path(name).parts:
        raise TaskFailed(f"file {name!r} cannot be written: `.git` belongs to Git")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise TaskFailed(f"file {name!r} cannot be written: a file is where it needs a folder") from None
    if path.is_symlink():
        path.unlink()
