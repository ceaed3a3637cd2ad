"""The files of a folder of a clone that a server is to have."""

from __future__ import annotations

import asyncio
from pathlib import Path

from toccata.plugin import TaskFailed
from toccata.plugins.families.git.run.clone import folder_of, working_copy
from toccata.plugins.families.git.run.command import Git
from toccata.plugins.families.git.types import Syncing

_IGNORE = ".kestraignore"


async def tree(git: Git, task: Syncing, folder: str, *, deep: bool) -> dict[str, Path]:
    """Files by their paths in the folder, without those that ``.kestraignore`` names. Raise TaskFailed."""
    root = await working_copy(git, task, task.branch, create=False)
    base = folder_of(root, folder)
    if not base.is_dir():
        if task.fail_on_missing_directory:
            raise TaskFailed(f"gitDirectory: the repository has no folder `{folder}`")
        return {}
    found = await asyncio.to_thread(_files, base, deep=deep)
    ignored = await _ignored(git, base, list(found))
    return {name: path for name, path in found.items() if name not in ignored and name != _IGNORE}


def _files(base: Path, *, deep: bool) -> dict[str, Path]:
    """A link could lead to any file of the worker, so links are left out."""
    paths = sorted(base.rglob("*") if deep else base.glob("*"))
    return {
        path.relative_to(base).as_posix(): path
        for path in paths
        if path.is_file()
        and path.resolve().is_relative_to(base.resolve())
        and not path.is_symlink()
        and ".git" not in path.relative_to(base).parts
    }


async def _ignored(git: Git, base: Path, names: list[str]) -> set[str]:
    """Git itself reads the file, which is written as a ``.gitignore``."""
    if not names or not (base / _IGNORE).is_file():
        return set()
    await asyncio.to_thread((base / _IGNORE).replace, base / ".gitignore")
    asked = "".join(f"{name}\0" for name in names).encode()
    _, said, _ = await git.try_(base, "check-ignore", "--no-index", "--verbose", "-z", "--stdin", stdin=asked)
    parts = said.split("\0")[:-1]
    return {
        name
        for source, _, pattern, name in zip(parts[::4], parts[1::4], parts[2::4], parts[3::4], strict=True)
        if source.endswith(".gitignore") and not pattern.startswith("!")
    }
