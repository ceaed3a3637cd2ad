"""``core.storage.*``: what the tasks do with files."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from toccata.files import keep_files, write_files
from toccata.plugin import (
    Outputs,
    RunContext,
    StorageRefused,
    TaskFailed,
    fetched,
    is_truthy,
    scratch,
    stored,
)
from toccata.plugins.families.core import storage as declared
from toccata.plugins.families.core.run.files import extension_of, lines_of, write_lines

_UNITS = {"": 1, "B": 1, "KB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40}
_BYTES = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?I?B?)", re.IGNORECASE)
_ENGINE = re.compile(r".*/tasks/[^/]+/[^/]+/outputs-\d+\.json")
"""Outputs of tasks that the engine keeps in internal storage. They are no files of the flow."""
_ROWS_AT_ONCE = 200
_MOST_FILES = 10_000


async def write(task: declared.Write, run: RunContext) -> Outputs:
    return {"uri": await stored(run, task.content.encode(), task.extension or "")}


async def concat(task: declared.Concat, run: RunContext) -> Outputs:
    path = await scratch(run) / "concat"
    separator = (task.separator or "").encode()
    with await asyncio.to_thread(path.open, "wb") as out:
        for uri in task.files:
            try:
                async for chunk in run.storage.stream(uri):
                    await asyncio.to_thread(out.write, chunk)
            except StorageRefused as error:
                raise TaskFailed(str(error)) from None
            out.write(separator)
    return {"uri": await stored(run, path, task.extension)}


async def size(task: declared.Size, run: RunContext) -> Outputs:
    try:
        return {"size": await run.storage.size(task.uri)}
    except StorageRefused as error:
        raise TaskFailed(str(error)) from None


async def delete(task: declared.Delete, run: RunContext) -> Outputs:
    try:
        there = await run.storage.exists(task.uri)
        if not there and task.error_on_missing:
            raise TaskFailed(f"Unable to delete '{task.uri}': there is no such file")
        await run.storage.delete(task.uri)
    except StorageRefused as error:
        raise TaskFailed(str(error)) from None
    return {"uri": task.uri, "deleted": there}


async def reverse(task: declared.Reverse, run: RunContext) -> Outputs:
    source = await fetched(run, task.from_)
    target = source.with_name("reversed")
    try:
        separator = task.separator.encode(task.charset)
    except LookupError:
        raise TaskFailed(f"charset `{task.charset}` is not known") from None
    await asyncio.to_thread(_reverse, source, target, separator)
    return {"uri": await stored(run, target, extension_of(task.from_))}


def _reverse(source: Path, target: Path, separator: bytes) -> None:
    with source.open("rb") as file:
        write_lines(target, reversed(list(lines_of(file, separator))), separator)


async def split(task: declared.Split, run: RunContext) -> Outputs:
    given = [
        each for each in (task.bytes_, task.partitions, task.rows, task.regex_pattern) if each is not None
    ]
    if len(given) != 1:
        raise TaskFailed("exactly one of `bytes`, `partitions`, `rows` and `regexPattern` is needed")
    source = await fetched(run, task.from_)
    parts = await asyncio.to_thread(_split, task, source)
    return {"uris": [await stored(run, part, extension_of(task.from_)) for part in parts]}


def _split(task: declared.Split, source: Path) -> list[Path]:
    separator = task.separator.encode()
    parts = _Parts(source.parent, separator)
    with source.open("rb") as file:
        lines = lines_of(file, separator)
        if task.partitions is not None:
            for index, line in enumerate(lines):
                parts.add(index % task.partitions, line)
        elif task.regex_pattern is not None:
            _by_pattern(parts, lines, task.regex_pattern)
        else:
            _by_size(
                parts, lines, rows=task.rows, size=None if task.bytes_ is None else bytes_of(task.bytes_)
            )
    return parts.close()


def _by_size(parts: _Parts, lines: Iterator[bytes], *, rows: int | None, size: int | None) -> None:
    """A new file begins once the limit is reached."""
    number = in_part = 0
    for line in lines:
        if in_part and ((rows is not None and in_part >= rows) or (size is not None and in_part >= size)):
            number, in_part = number + 1, 0
        parts.add(number, line)
        in_part += 1 if rows is not None else len(line) + len(parts.separator)


def _by_pattern(parts: _Parts, lines: Iterator[bytes], pattern: str) -> None:
    """One file for each value of the first group. Lines that do not match are left out."""
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise TaskFailed(f"regexPattern: {error}") from None
    if not compiled.groups:
        raise TaskFailed("regexPattern: needs a group in parentheses")
    for line in lines:
        found = compiled.search(line.decode("utf-8", "replace"))
        if found is not None:
            parts.add(found.group(1) or "", line)


class _Parts:
    """Files that lines are added to, in the order of their first lines."""

    def __init__(self, folder: Path, separator: bytes) -> None:
        self.separator = separator
        self._folder = folder
        self._lines: dict[object, list[bytes]] = {}
        self._paths: dict[object, Path] = {}
        self._held = 0

    def add(self, name: object, line: bytes) -> None:
        if name not in self._paths:
            if len(self._paths) >= _MOST_FILES:
                raise TaskFailed(f"the file would be split into more than {_MOST_FILES:,} files")
            self._paths[name] = self._folder / f"part-{len(self._paths)}"
        self._lines.setdefault(name, []).append(line)
        self._held += len(line)
        if self._held > 4 * 2**20:
            self._flush()

    def close(self) -> list[Path]:
        self._flush()
        return list(self._paths.values())

    def _flush(self) -> None:
        for name, lines in self._lines.items():
            with self._paths[name].open("ab") as file:
                file.writelines(line + self.separator for line in lines)
        self._lines, self._held = {}, 0


def bytes_of(text: str) -> int:
    """``10MB`` as a number; units are powers of 1,024. Raises TaskFailed."""
    found = _BYTES.fullmatch(text.strip())
    count = int(float(found[1]) * _UNITS[found[2].upper().replace("I", "")]) if found is not None else 0
    if count < 1:
        raise TaskFailed(f"bytes: `{text}` is no size: write a number and a unit, such as 10MB")
    return count


async def filter_items(task: declared.FilterItems, run: RunContext) -> Outputs:
    source = await fetched(run, task.from_)
    kept, total = source.with_name("kept"), 0
    count = 0
    with source.open("rb") as file, kept.open("wb") as out:
        for line in lines_of(file, b"\n"):
            if not line.strip():
                continue
            total += 1
            if _is_kept(task, run, _row(line, total)):
                out.write(line + b"\n")
                count += 1
            if total % _ROWS_AT_ONCE == 0:
                await asyncio.sleep(0)  # let other attempts run
    return {
        "uri": await stored(run, kept, extension_of(task.from_)),
        "processedItemsTotal": total,
        "droppedItemsTotal": total - count,
    }


def _is_kept(task: declared.FilterItems, run: RunContext, row: Any) -> bool:
    include = task.filter_type == "INCLUDE"
    try:
        text = run.render(task.filter_condition, _fields(row))
    except TaskFailed as failure:
        if task.error_or_null_behavior == "FAIL":
            raise TaskFailed(
                f"Expression `{task.filter_condition}` cannot be rendered for item `{_shown(row)}`: {failure.message}"
            ) from None
        return task.error_or_null_behavior == "INCLUDE"
    return is_truthy(str(text).strip()) is include


async def deduplicate(task: declared.DeduplicateItems, run: RunContext) -> Outputs:
    source = await fetched(run, task.from_)
    last: dict[str, int] = {}
    total = 0
    with source.open("rb") as file:
        for line in lines_of(file, b"\n"):
            if not line.strip():
                continue
            last[str(run.render(task.expr, _fields(_row(line, total + 1))))] = total
            total += 1
            if total % _ROWS_AT_ONCE == 0:
                await asyncio.sleep(0)  # let other attempts run
    target = source.with_name("unique")
    await asyncio.to_thread(_keep_rows, source, target, set(last.values()))
    return {
        "uri": await stored(run, target, extension_of(task.from_)),
        "numKeys": len(last),
        "processedItemsTotal": total,
        "droppedItemsTotal": total - len(last),
    }


def _keep_rows(source: Path, target: Path, numbers: set[int]) -> None:
    with source.open("rb") as file:
        rows = (line for line in lines_of(file, b"\n") if line.strip())
        write_lines(target, (line for number, line in enumerate(rows) if number in numbers), b"\n")


def _row(line: bytes, number: int) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise TaskFailed(f"row {number} is not JSON, which each line must be: {error}") from None


def _fields(row: Any) -> dict[str, Any]:
    """Expressions see the fields of a row; a row that is no object is ``value``."""
    return row if isinstance(row, dict) else {"value": row}


def _shown(row: Any) -> str:
    return orjson.dumps(row).decode()[:200]


async def local_files(task: declared.LocalFiles, run: RunContext) -> Outputs:
    await write_files(run, task.inputs)
    return {"uris": await keep_files(run, task.outputs)}


async def purge_current(task: declared.PurgeCurrentExecutionFiles, run: RunContext) -> Outputs:
    del task
    execution = "/".join(run.file_prefix.rstrip("/").split("/")[:-3]) + "/"
    try:
        uris = [uri for uri in await run.storage.below(execution) if not _ENGINE.fullmatch(uri)]
        for uri in uris:
            await run.storage.delete(uri)
    except StorageRefused as error:
        raise TaskFailed(str(error)) from None
    return {"uris": uris}
