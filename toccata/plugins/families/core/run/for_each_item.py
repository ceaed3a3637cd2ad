"""``core.flow.ForEachItem``: splits its file into batches, and joins the outputs of the flows that ran for them.

Both work line by line: memory does not grow with the file or with the number of batches.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from toccata.plugin import Outputs, RunContext, StorageRefused, TaskFailed, fetched, stored
from toccata.plugins.families.core import for_each_item as declared
from toccata.plugins.families.core.run.files import extension_of, lines_of
from toccata.plugins.families.core.run.storage import bytes_of

_INTERNAL = "kestra://"
_INDEX = "{index}"
_MOST_BATCHES = 100_000
"""As many as the engine runs executions for."""
_MOST_PARTITIONS = 1_000
"""Each is an open file until the end."""


async def split(task: declared.Split, run: RunContext) -> Outputs:
    if not task.items.startswith(_INTERNAL):
        raise TaskFailed(f"Unable to split the items from {task.items}, this is not an internal storage URI!")
    given = [each for each in (task.batch.bytes_, task.batch.partitions, task.batch.rows) if each is not None]
    if len(given) > 1:
        raise TaskFailed("batch: only one of `bytes`, `partitions` and `rows` is possible")
    source = await fetched(run, task.items)
    mark, extension = secrets.token_hex(8), extension_of(task.items)
    address = f"{run.file_prefix}{mark}-{_INDEX}{extension}"
    uris = source.with_name("uris")
    number = await _store_batches(run, _batches(task.batch, source), address, uris)
    return {
        "splits": await stored(run, uris, "-splits.txt"),
        "numberOfBatches": number,
        "batchUri": address,
    }


async def _store_batches(run: RunContext, batches: Iterator[Path], address: str, uris: Path) -> int:
    """Store each batch as soon as it is complete. Return how many there are."""
    number = 0
    with await asyncio.to_thread(uris.open, "w") as listing:
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            if number == _MOST_BATCHES:
                raise TaskFailed(
                    f"The file would give more than {_MOST_BATCHES:,} batches: put more lines in each"
                )
            uri = address.replace(_INDEX, str(number))
            try:
                await run.storage.put(uri, batch)
            except StorageRefused as error:
                raise TaskFailed(str(error)) from None
            listing.write(f"{uri}\n")
            await asyncio.to_thread(batch.unlink)
            number += 1
    return number


def _batches(batch: declared.Batch, source: Path) -> Iterator[Path]:
    separator = batch.separator.encode()
    if not separator:
        raise TaskFailed("batch.separator: must not be empty")
    if batch.partitions is not None:
        return _in_turn(source, separator, batch.partitions)
    most = bytes_of(batch.bytes_) if batch.bytes_ is not None else None
    return _in_order(source, separator, batch.rows or 1, most)


def _in_order(source: Path, separator: bytes, rows: int, most: int | None) -> Iterator[Path]:
    """Yield batches of so many rows, or of at most so many bytes. A longer line is a batch of its own."""
    target = source.with_name("batch")
    count = size = 0
    out: BinaryIO | None = None
    with source.open("rb") as file:
        for line in lines_of(file, separator):
            length = len(line) + len(separator)
            full = size + length > most if most is not None else count >= rows
            if out is not None and full:
                out.close()
                yield target
                out, count, size = None, 0, 0
            if out is None:
                out = target.open("wb")
            out.write(line + separator)
            count, size = count + 1, size + length
    if out is not None:
        out.close()
        yield target


def _in_turn(source: Path, separator: bytes, partitions: int) -> Iterator[Path]:
    """Yield so many batches, which get the lines in turn. Empty ones are left out."""
    if partitions > _MOST_PARTITIONS:
        raise TaskFailed(f"batch.partitions: at most {_MOST_PARTITIONS:,} are possible; use `rows` for more")
    outs: list[BinaryIO] = []
    paths: list[Path] = []
    try:
        with source.open("rb") as file:
            for index, line in enumerate(lines_of(file, separator)):
                if index < partitions:
                    paths.append(source.with_name(f"batch-{index}"))
                    outs.append(paths[-1].open("wb"))
                outs[index % partitions].write(line + separator)
    finally:
        for out in outs:
            out.close()
    yield from paths


async def merge_outputs(task: declared.MergeOutputs, run: RunContext) -> Outputs:
    if not task.from_.strip():
        return {}
    names = await fetched(run, task.from_.strip())
    target = names.with_name("merged")
    with names.open() as listing, target.open("wb") as out:
        for line in listing:
            try:
                async for chunk in run.storage.stream(line.strip()):
                    await asyncio.to_thread(out.write, chunk)
            except StorageRefused as error:
                raise TaskFailed(str(error)) from None
    return {"subflowOutputs": await stored(run, target, ".ion")}
