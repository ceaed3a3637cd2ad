"""What a processor is: its name, its input topics, its machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.machine import Machine
from toccata.runtime.processor.input import Source


@dataclass(frozen=True, slots=True)
class ProcessorSpec:
    name: str
    sources: Sequence[Source]
    machine: Callable[[int], Machine[Any]]
    """Makes a fresh machine for a partition."""

    @property
    def journal(self) -> str:
        return f"{self.name}.journal"

    @property
    def snapshots(self) -> str:
        return f"{self.name}.snapshots"
