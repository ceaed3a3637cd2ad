"""Open executions by id. Those that wait are kept encoded, as snapshots hold them, until something happens to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

ExecutionT = TypeVar("ExecutionT")


class OpenExecutions(dict[str, ExecutionT]):
    """The dictionary itself holds those that something happened to lately, so that finding them costs nothing more.

    A million may wait, so each of them is one value of bytes."""

    __slots__ = ("_decode", "_kept", "touched")

    def __init__(self, decode: Callable[[bytes], ExecutionT]) -> None:
        super().__init__()
        self._decode = decode
        self._kept: dict[str, bytes] = {}
        self.touched: dict[str, None] = {}
        """Executions that may have changed since this was last emptied."""

    def keep(self, execution_id: str, encoded: bytes) -> None:
        """Keep an execution as these bytes."""
        self.pop(execution_id, None)
        self._kept[execution_id] = encoded

    def kept(self, execution_id: str) -> bytes | None:
        """Return an execution that is kept encoded."""
        return self._kept.get(execution_id)

    def __missing__(self, execution_id: str) -> ExecutionT:
        execution = self._decode(self._kept.pop(execution_id))
        self[execution_id] = execution
        self.touched[execution_id] = None  # the next snapshot lets it be kept again
        return execution

    def get(self, execution_id: str, default: Any = None) -> Any:
        found = super().get(execution_id)
        if found is None and execution_id in self._kept:
            return self[execution_id]
        return default if found is None else found

    def __contains__(self, execution_id: object) -> bool:
        return super().__contains__(execution_id) or execution_id in self._kept

    def __len__(self) -> int:
        return super().__len__() + len(self._kept)

    def ids(self) -> Iterator[str]:
        """Yield the ids of all, kept or not."""
        yield from list(super().keys())
        yield from list(self._kept)
