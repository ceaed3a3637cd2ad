"""Reads long sources of flows in a thread, before the registry decides about them. So the event loop goes on meanwhile.

The gate of ``registry.commands`` holds back a command, and what follows it, until its source is read. The registry then finds what
was read here. A source that is not here, because it is short or because much came since, is read when the registry asks.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from contracts.registry import PutFlow, RegistryCommand
from services.executor.registry.source import Facts, ReadFacts, read_facts

LONG_CHARS = 16_000
"""A shorter source is read in less time than it takes to come back from a thread and ask again."""
_MOST_CHARS = 16_000_000
"""Twice what the sources of one batch can have."""

_Source = tuple[str, str, str]
"""Source, namespace and flow id."""


class ReadingAhead:
    """``wake`` is called when a source was read, so that whoever holds back its command asks again."""

    def __init__(self, wake: Callable[[], None], read: ReadFacts = read_facts) -> None:
        self._wake = wake
        self._read = read
        self._found: OrderedDict[_Source, Facts | Exception] = OrderedDict()
        self._chars = 0
        self._reading: dict[_Source, asyncio.Task[None]] = {}

    def ready(self, command: RegistryCommand) -> bool:
        """Return whether the registry can decide the command now. If not, begin to read its source."""
        if not isinstance(command, PutFlow) or len(command.source) < LONG_CHARS:
            return True
        source = (command.source, command.namespace, command.flow_id)
        if source in self._found:
            return True
        if source not in self._reading:
            self._reading[source] = asyncio.get_running_loop().create_task(self._begin(source))
        return False

    def facts(self, source: str, namespace: str, flow_id: str) -> Facts:
        """Return what the source says. Raise what reading it raised."""
        found = self._found.pop((source, namespace, flow_id), None)
        if found is None:
            return self._read(source, namespace, flow_id)
        self._chars -= len(source)
        if isinstance(found, Exception):
            raise found
        return found

    async def stop(self) -> None:
        for task in self._reading.values():
            task.cancel()
        await asyncio.gather(*self._reading.values(), return_exceptions=True)

    async def _begin(self, source: _Source) -> None:
        try:
            self._keep(source, await asyncio.to_thread(self._try, source))
        finally:
            del self._reading[source]
            self._wake()

    def _try(self, source: _Source) -> Facts | Exception:
        try:
            return self._read(*source)
        except Exception as error:  # noqa: BLE001 - raised again where the registry asks, which then fails this command alone
            return error

    def _keep(self, source: _Source, found: Facts | Exception) -> None:
        self._found[source] = found
        self._chars += len(source[0])
        while self._chars > _MOST_CHARS:
            (oldest, _, _), _ = self._found.popitem(last=False)
            self._chars -= len(oldest)
