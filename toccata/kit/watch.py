"""Triggers over files: which of them are new or changed, and what becomes of each, once.

A poll copies what is new into internal storage, and then notes in the flow's namespace what it is going to report. Only after
that it moves or deletes files at the source. If its worker dies, the next poll finds the note, does again what may be left
undone, and reports the same event once more under the same id. So every file starts one execution, whatever dies and when.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, Protocol, TypeAlias

from contracts.language.types.declaration import TriggerEvent
from contracts.language.types.property import Duration, dynamic
from toccata.kit.failure import TaskFailed
from toccata.kit.polled import PolledProperties
from toccata.kit.run import KeyMissing, RunContext

Change: TypeAlias = Literal["CREATE", "UPDATE"]
MOST_SEEN = 10_000
"""Files that are remembered. Those that were taken first are forgotten first."""


class WatchedProperties(PolledProperties):
    on: Literal["CREATE", "UPDATE", "CREATE_OR_UPDATE"] = dynamic(
        "CREATE_OR_UPDATE", doc="which files start an execution: new ones, changed ones, or both"
    )
    state_key: str | None = dynamic(
        None,
        doc="key of the namespace's value that remembers what was seen; default: namespace, flow and trigger, joined by `_`",
    )
    state_ttl: Duration | None = dynamic(
        None, doc="a file that was taken so long ago is new again; without it, never"
    )
    max_files: int = dynamic(25, doc="most files of one poll; the others follow with the next", ge=1)


@dataclass(frozen=True, slots=True)
class Watched:
    """A file at the source."""

    key: str
    """What makes it this file."""
    version: str
    """What changes when it changes."""
    entry: Any
    """The source's own."""


class WatchSource(Protocol):
    keeps: bool
    """Whether files stay at the source after they were taken. Those that do not are not remembered."""

    async def listed(self) -> Sequence[Watched]:
        """Return all that is there and meant, in the order in which it is to be taken."""
        ...

    async def take(self, watched: Watched) -> Mapping[str, Any]:
        """Copy it into internal storage, and return what flows see of it."""
        ...

    async def finish(self, key: str, version: str) -> None:
        """Do with it at the source what is wanted. It may be done already, or be another version by now, which stays."""
        ...


async def watch(
    trigger: WatchedProperties, run: RunContext, source: WatchSource, name: str
) -> Sequence[TriggerEvent]:
    """Return the event of all files that are new, as variable ``name``."""
    memory = await _Memory.read(run, trigger.state_key)
    note = memory.note
    if note is not None and note["id"] not in run.evaluation.accepted:
        count = len(note["taken"])
        run.log("INFO", f"Reports {count} files again, because nobody heard of the poll that took them")
        return [await _finished(source, memory)]
    memory.forget(trigger.state_ttl)
    new = [(each, change) for each in await source.listed() if (change := memory.change(each, trigger.on))]
    if len(new) > trigger.max_files:
        run.log("WARN", f"Too many files to process ({len(new)}), limiting to {trigger.max_files}")
        new = new[: trigger.max_files]
    if not new:
        if note is not None or memory.changed:
            await memory.write(None)
        return []
    found = [{**await source.take(each), "changeType": change} for each, change in new]
    for each, _ in new:
        memory.remember(each, source)
    await memory.write(
        {
            "id": run.evaluation.id,
            "taken": [[each.key, each.version] for each, _ in new],
            "variables": {name: found},
        }
    )
    return [await _finished(source, memory)]


async def _finished(source: WatchSource, memory: _Memory) -> TriggerEvent:
    note = memory.note
    assert note is not None
    for key, version in note["taken"]:
        await source.finish(key, version)
    return TriggerEvent(id=note["id"], variables=note["variables"])


class _Memory:
    """The value of the namespace: ``{seen: {key: [version, instant]}, note}``."""

    def __init__(self, run: RunContext, key: str, value: Mapping[str, Any]) -> None:
        self._run = run
        self._key = key
        self._seen: dict[str, Any] = dict(value.get("seen") or {})
        self.note: Mapping[str, Any] | None = value.get("note")
        self.changed = False
        """Whether files were seen that start nothing."""

    @classmethod
    async def read(cls, run: RunContext, state_key: str | None) -> _Memory:
        key = state_key or _default_key(run)
        try:
            value = await run.values.get(key)
        except KeyMissing:
            value = {}
        if not isinstance(value, Mapping) or not isinstance(value.get("seen", {}), Mapping):
            raise TaskFailed(
                f"stateKey: the value `{key}` of the namespace is no memory of a trigger: delete it"
            )
        return cls(run, key, value)

    def forget(self, ttl: timedelta | None) -> None:
        if ttl is not None:
            oldest = _now() - int(ttl.total_seconds() * 1000)
            self._seen = {key: seen for key, seen in self._seen.items() if seen[1] > oldest}

    def change(self, watched: Watched, on: str) -> Change | None:
        """Return what happened to a file, if that is wanted."""
        seen = self._seen.get(watched.key)
        change: Change = "CREATE" if seen is None else "UPDATE"
        if seen is not None and seen[0] == watched.version:
            return None
        if on in (change, "CREATE_OR_UPDATE"):
            return change
        self._seen[watched.key] = [watched.version, _now()]
        self.changed = True
        return None

    def remember(self, watched: Watched, source: WatchSource) -> None:
        self._seen.pop(watched.key, None)
        if source.keeps:
            self._seen[watched.key] = [watched.version, _now()]
        for oldest in list(self._seen)[: max(0, len(self._seen) - MOST_SEEN)]:
            del self._seen[oldest]

    async def write(self, note: Mapping[str, Any] | None) -> None:
        self.note = note
        value = {"seen": self._seen, **({"note": note} if note is not None else {})}
        await self._run.values.set(self._key, value, kind="JSON")


def _default_key(run: RunContext) -> str:
    flow, trigger = run.variables.get("flow") or {}, run.variables.get("trigger") or {}
    return "_".join(str(part) for part in (flow.get("namespace"), flow.get("id"), trigger.get("id")))


def _now() -> int:
    from toccata.runtime.clock import now_ms  # it imports asyncio, and declarations import this module

    return now_ms()
