"""The polls of ``fs.sftp.Trigger``, ``fs.ftp.Trigger`` and ``fs.ftps.Trigger``."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from toccata.plugin import RunContext, TaskFailed, TriggerEvent, Watched, name_filter, stored, watch
from toccata.plugins.families.fs import actions
from toccata.plugins.families.fs.run import work
from toccata.plugins.families.fs.run.place import Entry


async def poll(trigger: actions.Watching, run: RunContext) -> Sequence[TriggerEvent]:
    check(trigger)
    async with work.reached(trigger) as files:
        return await watch(trigger, run, _Folder(trigger, run, files), "files")


def check(trigger: actions.Watching) -> None:
    if trigger.action == "MOVE" and not trigger.move_directory:
        raise TaskFailed("moveDirectory: is needed with `action: MOVE`")


def version_of(entry: Entry) -> str:
    return f"{entry.modified or 0:.0f}/{entry.size}"


class _Folder:
    def __init__(self, trigger: actions.Watching, run: RunContext, files: work.Files) -> None:
        self._trigger = trigger
        self._run = run
        self._files = files
        self.keeps = trigger.action == "NONE"

    async def listed(self) -> Sequence[Watched]:
        is_wanted = name_filter(self._trigger.reg_exp, "regExp")
        folder = work.path_of(self._trigger.from_)
        place = self._files.place

        def find() -> list[Entry]:
            if folder != "/" and place.entry(folder) is None:
                return []
            found = work.walk(place, folder, recursive=self._trigger.recursive)
            wanted = [each for each in found if not each.is_folder and is_wanted(each.path)]
            return work.sorted_(wanted, self._trigger.sort)

        entries = await self._files.call(find)
        return [Watched(each.path, version_of(each), each) for each in entries]

    async def take(self, watched: Watched) -> Mapping[str, Any]:
        local = await work.read(self._files, self._run, watched.key)
        uri = await stored(self._run, local, PurePosixPath(watched.key).suffix)
        await asyncio.to_thread(local.unlink)
        return {**watched.entry.output(), "path": uri}

    async def finish(self, key: str, version: str) -> None:
        if self._trigger.action == "NONE":
            return
        there = await self._files.call(self._files.place.entry, key)
        if there is None or version_of(there) != version:
            return
        if self._trigger.action == "DELETE":
            await self._files.call(self._files.place.remove, key)
        else:
            folder = (self._trigger.move_directory or "").rstrip("/")
            await work.move_file(self._files, key, f"{folder}/", replace=True)
