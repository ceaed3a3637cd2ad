"""The registry without Kafka: its own machine decides, and readers fold what it sends, as they do from the topic."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from contracts.codec import encode
from contracts.machine import TOMBSTONE
from contracts.namespace import NamespaceCommand
from contracts.reply import Reply
from services.executor.registry.machine import RegistryMachine
from toccata.runtime.clock import now_ms
from toccata.runtime.namespace.entries import Entries
from toccata.runtime.namespace.files import FileStore
from toccata.runtime.namespace.values import ValueStore
from toccata.runtime.storage import InternalStorage


class LocalRegistry:
    """``toccata.runtime.namespace.registry.Registry``, in this process."""

    def __init__(self) -> None:
        self.entries = Entries()
        self.machine = RegistryMachine()
        self.now: int | None = None
        """A clock that stands still, or None for the real one."""

    @property
    def reply_to(self) -> int:
        return 0

    async def catch_up(self) -> None:
        return

    async def ask(self, commands: Sequence[NamespaceCommand]) -> list[Reply]:
        answers = []
        for command in commands:
            step = self.machine.step(command, self.clock())
            for out in step.outbox:
                if out.topic == "namespaces.state":
                    self.entries.apply(None if out.message is TOMBSTONE else encode(out.message))
                elif isinstance(out.message, Reply):
                    answers.append(out.message)
        return answers

    def clock(self) -> int:
        return now_ms() if self.now is None else self.now


class Namespaces:
    """The stores over one registry, with files below a folder."""

    def __init__(self, folder: Path) -> None:
        self.registry = LocalRegistry()
        self.storage = InternalStorage(folder)
        self.values = ValueStore(self.registry, self.storage, self.registry.clock)
        self.files = FileStore(self.registry, self.storage)
