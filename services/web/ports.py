"""What web's shell needs from outside, so that it can be composed with anything that keeps these promises."""

from __future__ import annotations

from typing import Protocol


class Projection(Protocol):
    """How far the projection has come."""

    async def wait_for(self, topic: str, partition: int, offset: int, timeout: float) -> bool:  # noqa: ASYNC109 - an answer, not a cancellation
        """True once the record at ``offset`` is projected; False when ``timeout`` seconds passed first."""
        ...


class Positions(Protocol):
    async def positions(self) -> dict[tuple[str, int], int]:
        """(topic, partition) to the offset of the first record that is not projected yet. May raise Transient."""
        ...
