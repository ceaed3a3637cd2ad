"""Runs the job of a task in a thread or in a child process, and stops it when the task is cancelled."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from toccata.plugin import RunContext, TaskFailed, in_child, in_thread, read_json
from toccata.plugins.families.jdbc.run.child import answered
from toccata.plugins.families.jdbc.run.driver import driver_of
from toccata.plugins.families.jdbc.run.failure import SqlFailed
from toccata.plugins.families.jdbc.run.job import Done, Failed, Job
from toccata.plugins.families.jdbc.run.session import Session

_CHILD = "toccata.plugins.families.jdbc.run.child"


async def done(job: Job, run: RunContext) -> Done:
    """Raises TaskFailed, and ModuleNotFoundError if the driver's library is not installed."""
    driver = await asyncio.to_thread(driver_of, job.login.database)
    try:
        driver.address(job.login)
    except SqlFailed as failure:
        raise TaskFailed(str(failure)) from None
    if driver.host == "thread":
        session = Session()
        answer = await in_thread(answered, job, session, stop=session.stop)
    else:
        answer = await _in_child(job, run, isolated=driver.host == "isolated")
    for note in answer.notes:
        run.log("INFO", note)
    if isinstance(answer, Failed):
        raise TaskFailed(answer.message)
    return answer


async def _in_child(job: Job, run: RunContext, *, isolated: bool) -> Done | Failed:
    answer = await in_child(run, _CHILD, msgspec.json.encode(job), isolated=isolated)
    kind, _, body = answer.partition(b" ")
    # Numbers of rows keep every digit, which the decoder of structs does not know.
    value = read_json(body)
    return msgspec.convert(value, Done) if kind == b"done" else msgspec.convert(value, Failed)


def stored_path(directory: Path, path: str) -> Path:
    """A file that a child wrote. Raises TaskFailed if its path leads out of the working directory."""
    found = Path(path)
    if not found.resolve().is_relative_to(directory.resolve()):
        raise TaskFailed(f"{path} is outside of the working directory")
    return found
