"""The runner ``core.runner.Process``: runs a program in its own process group below the worker and streams its lines.

No process is left behind, however the attempt ends. Children are found in three ways, because a program can escape each
of them: the process group, the tree of parents, and an environment variable that every descendant inherits.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toccata.plugins.families.scripts.run.protocol import LineSplitter, TooLong

if TYPE_CHECKING:
    import psutil

KILL_GRACE_SECONDS = 3.0
"""Between SIGTERM and SIGKILL."""
LINGER_SECONDS = 2.0
"""How long children that outlive a program may still write to its streams."""
_CHUNK = 128 * 1024
_LINES_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Command:
    argv: Sequence[str]
    cwd: Path
    env: Mapping[str, str]
    markers: Mapping[str, str]
    """Environment variables that identify descendants."""


@dataclass(frozen=True, slots=True)
class Streams:
    """Where lines go. ``room`` is awaited between groups of lines, which slows the program down if the log is behind."""

    stdout: Callable[[bytes | TooLong], None]
    stderr: Callable[[bytes | TooLong], None]
    room: Callable[[], Awaitable[None]]


async def run_process(command: Command, streams: Streams) -> int:
    """Give the exit code as a shell does: 128 + number for a signal. Cancelling it stops the whole tree.

    Raises OSError when the program cannot be started."""
    with ExitStack() as stack:
        stdout, stderr = _Stream(stack), _Stream(stack)
        try:
            process = await asyncio.create_subprocess_exec(
                *command.argv,
                cwd=command.cwd,
                env={**command.env, **command.markers},
                stdin=DEVNULL,
                stdout=stdout.write_end,
                stderr=stderr.write_end,
                start_new_session=True,
            )
        finally:
            os.close(stdout.write_end)
            os.close(stderr.write_end)
        async with asyncio.TaskGroup() as group:
            pumps = [
                group.create_task(_pump(stdout, streams.stdout, streams.room)),
                group.create_task(_pump(stderr, streams.stderr, streams.room)),
            ]
            # The streams are still read while the tree stops, because a program may print last lines.
            await _ended(process, pumps, command.markers)
    code = process.returncode
    assert code is not None
    return 128 - code if code < 0 else code


class _Stream:
    """A pipe that is read here. The stack closes it even if another process still holds its other end.

    The event loop's own pipes do not serve. uvloop's are sockets, which ``> /dev/stdout`` cannot open. A file object given
    to ``connect_read_pipe`` is closed twice, and by then its number may belong to another thread's file."""

    def __init__(self, stack: ExitStack) -> None:
        self._read_end, self.write_end = os.pipe()
        stack.callback(os.close, self._read_end)
        os.set_blocking(self._read_end, False)

    async def read(self) -> bytes:
        """Empty at the end."""
        while True:
            with suppress(BlockingIOError):
                return os.read(self._read_end, _CHUNK)
            loop = asyncio.get_running_loop()
            ready = loop.create_future()
            loop.add_reader(self._read_end, _resolve, ready)
            try:
                await ready
            finally:
                loop.remove_reader(self._read_end)


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def _ended(process: Process, pumps: Sequence[asyncio.Task[None]], markers: Mapping[str, str]) -> None:
    try:
        await process.wait()
    except BaseException:
        await asyncio.to_thread(stop_tree, markers, process.pid, KILL_GRACE_SECONDS)
        await process.wait()
        raise
    finally:
        if any(not pump.done() for pump in pumps):
            await asyncio.wait(pumps, timeout=LINGER_SECONDS)
        # Processes that it left in its group end with it, because its working directory goes away.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        for pump in pumps:
            pump.cancel()


async def _pump(
    stream: _Stream,
    take: Callable[[bytes | TooLong], None],
    room: Callable[[], Awaitable[None]],
) -> None:
    splitter = LineSplitter()
    while chunk := await stream.read():
        lines = splitter.feed(chunk)
        for start in range(0, len(lines), _LINES_AT_ONCE):
            for line in lines[start : start + _LINES_AT_ONCE]:
                take(line)
            await room()
        # A program that writes without pause must not hold up the other attempts.
        await asyncio.sleep(0)
    for line in splitter.close():
        take(line)


def stop_tree(markers: Mapping[str, str], leader: int | None, grace_seconds: float) -> int:
    """Send SIGTERM to the whole tree, and SIGKILL to the rest after the grace period. Blocks, so call it in a thread. Gives how
    many processes were found."""
    found = _tree(markers, leader)
    _signal(found, leader, signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    pause = 0.005
    left = found
    while left and time.monotonic() < deadline:
        time.sleep(pause)
        pause = min(pause * 2, 0.1)
        left = [each for each in _tree(markers, leader) if each.is_running()]
    for _ in range(20):
        if not left:
            break
        _signal(left, leader, signal.SIGKILL)
        time.sleep(0.01)
        left = _tree(markers, leader)
    return len(found)


def _tree(markers: Mapping[str, str], leader: int | None) -> list[psutil.Process]:
    import psutil

    wanted = markers.items()
    found: dict[int, psutil.Process] = {}
    with suppress(psutil.Error):
        if leader is not None:
            root = psutil.Process(leader)
            found = {each.pid: each for each in [root, *root.children(recursive=True)]}
    for each in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if each.pid not in found and wanted <= each.environ().items():
                found[each.pid] = each
    alive = []
    for each in found.values():
        with suppress(psutil.Error):
            if each.status() != psutil.STATUS_ZOMBIE:
                alive.append(each)
    return alive


def _signal(processes: Sequence[psutil.Process], leader: int | None, number: int) -> None:
    import psutil

    if leader is not None and any(each.pid == leader for each in processes):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, number)
    for each in processes:
        with suppress(psutil.Error):
            each.send_signal(number)
