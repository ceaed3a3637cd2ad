"""Rows that a task takes, and rows that it gives: in a file of internal storage, or as outputs, as its property ``fetchType`` says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeAlias

from toccata.kit.failure import Outputs, TaskFailed
from toccata.kit.file import scratch, stored
from toccata.kit.rows import BadRows, Data, rows
from toccata.kit.run import RunContext
from toccata.kit.thread import in_thread
from toccata.runtime.errors import StorageRefused

FetchType: TypeAlias = Literal["STORE", "FETCH", "FETCH_ONE", "NONE"]


class RowFile:
    """A file with a row a line, written in a thread."""

    def __init__(self, run: RunContext, path: Path, file: BinaryIO) -> None:
        self.count = 0
        self._run = run
        self._path = path
        self._file = file

    async def write(self, rows: Iterable[Any]) -> None:
        """Raise TaskFailed for a value that has no form in such a file."""
        from toccata.rows.write import write_rows

        try:
            self.count += await in_thread(write_rows, self._file, rows)
        except TypeError as error:
            raise TaskFailed(str(error)) from None

    async def stored(self) -> str:
        """Store what was written, and give the URI. Nothing can be written after that."""
        await in_thread(self._file.close)
        return await stored(self._run, self._path, ".ion")


@asynccontextmanager
async def row_file(run: RunContext) -> AsyncIterator[RowFile]:
    path = await scratch(run) / "rows"
    file: BinaryIO = await in_thread(lambda: path.open("wb"))
    with file:
        yield RowFile(run, path, file)


async def taken_rows(run: RunContext, value: Data, what: str = "from") -> AsyncIterator[Any]:
    """Yield the rows that a property holds or names. Raise TaskFailed, which names the property."""
    try:
        async for row in rows(run.storage, value):
            yield row
    except BadRows as error:
        raise TaskFailed(f"{what}: {error}") from None
    except StorageRefused as error:
        raise TaskFailed(str(error)) from None


async def given_rows(run: RunContext, fetch_type: FetchType, pages: AsyncIterator[Sequence[Any]]) -> Outputs:
    """The outputs ``rows``, ``row`` or ``uri``, with ``size``. STORE needs constant memory, and FETCH_ONE reads one page."""
    if fetch_type == "NONE":
        return {}
    if fetch_type == "STORE":
        async with row_file(run) as file:
            async for page in pages:
                await file.write(page)
            return {"uri": await file.stored(), "size": file.count}
    from toccata.rows.output import as_output

    found: list[Any] = []
    async for page in pages:
        found += [as_output(row) for row in page]
        if fetch_type == "FETCH_ONE" and found:
            return {"row": found[0], "size": 1}
    return {"size": 0} if fetch_type == "FETCH_ONE" else {"rows": found, "size": len(found)}
