"""Work in a child process, which a kill ends, and whose crash fails only its task. The child's side is ``toccata.child``.

Whoever validates flows imports this, too, but no asyncio."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from toccata.child import LIBRARY_MISSING
from toccata.kit.failure import TaskFailed
from toccata.kit.run import RunContext

if TYPE_CHECKING:
    from asyncio.subprocess import Process

STOP_SECONDS = 3.0
"""Between the end of its input and SIGKILL."""
_TAIL_BYTES = 2000
_SOURCES = str(Path(__file__).parents[2])
"""Where this code is: the child must run the same, also where it is not installed."""


async def in_child(run: RunContext, module: str, job: bytes, *, isolated: bool = True) -> bytes:
    """Run ``python -m module``, which calls ``toccata.child.serve``, and return its answer to ``job``, which is one line.

    It starts in the working directory, whose files it may use. Isolated, it sees only what scripts see. Raises TaskFailed if the
    process does not answer, and ModuleNotFoundError if it lacks a library."""
    argv = [sys.executable, "-P", "-m", module]
    process = await _started(run, await run.isolated(argv) if isolated else argv)
    try:
        answer, said = await _talk(process, job + b"\n")
    finally:
        await _ended(process)
    if process.returncode == LIBRARY_MISSING:
        raise ModuleNotFoundError(f"No module named {answer.decode()!r}", name=answer.decode())
    if process.returncode != 0 or not answer:
        raise TaskFailed(_crash(process.returncode, said))
    return answer


async def _started(run: RunContext, argv: Sequence[str]) -> Process:
    """A kill may come while it starts, and then nobody would know it: so its start is awaited, and it is ended."""
    import asyncio
    from asyncio.subprocess import PIPE

    directory = await run.directory()
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *argv,
            cwd=directory,
            env={**run.environment, **run.markers, "HOME": str(directory), "PYTHONPATH": _SOURCES},
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            start_new_session=True,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await _ended(await starting)
        raise


async def _talk(process: Process, line: bytes) -> tuple[bytes, bytes]:
    """Its input stays open, because its end means to stop."""
    import asyncio

    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    # A process that died before has closed its input: a broken pipe, or RuntimeError by uvloop's handle. Its exit code says more.
    with suppress(ConnectionError, RuntimeError):
        process.stdin.write(line)
        await process.stdin.drain()
    async with asyncio.TaskGroup() as group:
        answer = group.create_task(process.stdout.read())
        said = group.create_task(process.stderr.read())
        await process.wait()
    return answer.result(), said.result()


async def _ended(process: Process) -> None:
    """Stop what still runs: first by the end of its input, then by a signal to its whole group."""
    import asyncio

    if process.returncode is None:
        assert process.stdin is not None
        process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _crash(code: int | None, said: bytes) -> str:
    how = (
        f"by signal {signal.Signals(-code).name}"
        if code is not None and code < 0
        else f"with exit code {code}"
    )
    tail = said[-_TAIL_BYTES:].decode("utf-8", "replace").strip()
    return f"the process of the task's library ended {how}" + (f": {tail}" if tail else "")
