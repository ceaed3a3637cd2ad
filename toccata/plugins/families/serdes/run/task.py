"""What the types run: a child converts the file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from toccata.plugin import Outputs, RunContext, TaskFailed, fetched, in_child, read_json, stored, write_json
from toccata.plugins.families.serdes.excel import ExcelToIon, IonToExcel
from toccata.plugins.families.serdes.properties import Converted

_CHILD = "toccata.plugins.families.serdes.run.child"


async def convert(task: Converted, run: RunContext) -> Outputs:
    source = await fetched(run, task.from_)
    ending = task.ending
    if ending == ".json" and getattr(task, "new_line", False):
        ending = ".jsonl"
    target = await run.directory() / f"converted{ending}"
    answer = await _converted(task, run, source, target)
    return {"uri": await stored(run, target, ending), "size": answer["size"]}


async def read_workbook(task: ExcelToIon, run: RunContext) -> Outputs:
    target = await run.directory() / "sheets"
    answer = await _converted(task, run, await fetched(run, task.from_), target)
    uris = {
        title: await stored(run, target / str(number), ".ion")
        for number, title in enumerate(answer["titles"])
    }
    return {"uris": uris, "size": answer["size"]}


async def write_workbook(task: IonToExcel, run: RunContext) -> Outputs:
    directory = await run.directory()
    sheets = _sheets(task)
    files = [[title, str(await fetched(run, uri))] for title, uri in sheets.items()]
    source, target = directory / "sheets.json", directory / "converted.xlsx"
    await asyncio.to_thread(source.write_bytes, write_json(files))
    answer = await _converted(task, run, source, target)
    return {"uri": await stored(run, target, ".xlsx"), "size": answer["size"]}


def _sheets(task: IonToExcel) -> dict[str, str]:
    """URIs by title. Raises TaskFailed."""
    given = task.from_
    if isinstance(given, str) and given.lstrip().startswith("{"):
        given = read_json(given)
    if isinstance(given, dict) and given and all(isinstance(each, str) for each in given.values()):
        return given
    if isinstance(given, str):
        return {task.sheets_title: given}
    raise TaskFailed("from: it must be the URI of a file of rows, or a map of sheets: title and URI")


async def _converted(task: Converted, run: RunContext, source: Path, target: Path) -> dict[str, Any]:
    """In a child: parsers of other people's files must not take the worker along, and their work takes its whole CPU."""
    options = task.model_dump(exclude={"from_"})
    job = {"conversion": task.conversion, "source": str(source), "target": str(target), "options": options}
    answer: dict[str, Any] = read_json(await in_child(run, _CHILD, write_json(job)))
    for line in answer["notes"]:
        run.log("WARN", line)
    if "failure" in answer:
        raise TaskFailed(answer["failure"])
    run.metric("counter", "records", answer["size"])
    return answer
