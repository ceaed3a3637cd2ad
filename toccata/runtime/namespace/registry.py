"""The registry as stores of values and files reach it: its state as this process has read it, and commands with their answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import uuid4

from contracts.namespace import NamespaceCommand
from contracts.reply import Reply
from toccata.runtime.namespace.entries import Entries


class Registry(Protocol):
    """What stores of values and files need. All but ``entries`` may raise Transient."""

    @property
    def entries(self) -> Entries: ...

    @property
    def reply_to(self) -> int:
        """The partition that commands name for their answers."""
        ...

    async def catch_up(self) -> None:
        """Return when ``entries`` has everything that anybody was told is stored before the call."""
        ...

    async def ask(self, commands: Sequence[NamespaceCommand]) -> list[Reply]:
        """Send commands, and return their answers, in order, when ``entries`` shows the accepted changes."""
        ...


def new_request() -> str:
    return uuid4().hex
