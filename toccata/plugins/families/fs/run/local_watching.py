"""The polls of ``fs.local.Trigger`` and ``fs.nfs.Trigger``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from toccata.plugin import RunContext, TaskFailed, TriggerEvent, Watched, name_filter, stored, watch
from toccata.plugins.families.fs.local import NfsTrigger, Trigger
from toccata.plugins.families.fs.run import local_work


async def local(trigger: Trigger, run: RunContext) -> Sequence[TriggerEvent]:
    target = None
    if trigger.action == "MOVE":
        if not trigger.move_directory:
            raise TaskFailed("moveDirectory: is needed with `action: MOVE`")
        target = local_work.allowed(run, trigger.move_directory)
    return await watch(trigger, run, _Folder(trigger, run, trigger.action, target), "files")


async def nfs(trigger: NfsTrigger, run: RunContext) -> Sequence[TriggerEvent]:
    return await watch(trigger, run, _Folder(trigger, run, "NONE", None), "files")


class _Folder:
    def __init__(self, trigger: NfsTrigger, run: RunContext, action: str, target: Path | None) -> None:
        self._trigger = trigger
        self._run = run
        self._action = action
        self._target = target
        self._output = local_work.file if isinstance(trigger, Trigger) else local_work.shared
        self.keeps = action == "NONE"

    async def listed(self) -> Sequence[Watched]:
        folder = local_work.allowed(self._run, self._trigger.from_)
        is_wanted = name_filter(self._trigger.reg_exp, "regExp")

        def find() -> list[Watched]:
            return [
                Watched(str(path), _version(path), path)
                for path in local_work.walk(folder, recursive=self._trigger.recursive)
                if is_wanted(str(path)) or is_wanted(path.name)
            ]

        return await local_work.do(find)

    async def take(self, watched: Watched) -> Mapping[str, Any]:
        path: Path = watched.entry
        try:
            uri = await stored(self._run, path, path.suffix)
        except OSError as error:
            raise TaskFailed(f"{path}: {error.strerror or error}") from None
        return {**await local_work.do(self._output, path), "uri": uri}

    async def finish(self, key: str, version: str) -> None:
        path = local_work.allowed(self._run, key)

        def act() -> None:
            if not path.exists() or _version(path) != version:
                return
            if self._target is not None:
                local_work.move(path, self._target / path.name)
            else:
                path.unlink()

        if self._action != "NONE":
            await local_work.do(act)


def _version(path: Path) -> str:
    found = path.stat()
    return f"{found.st_mtime_ns}/{found.st_size}"
