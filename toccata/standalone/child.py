"""One child process: it dies with this one, writes to a bounded log, and is stopped by its own pid.

Knows nothing of what it runs.
"""

import asyncio
import contextlib
import json
import logging
import logging.handlers
import os
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from toccata.runtime.variables import DESCRIPTOR
from toccata.standalone.environment import public

_TETHER = str(Path(__file__).with_name("tether.py"))
_LOG_BYTES = 8 * 1024 * 1024
_LOG_GENERATIONS = 3
_LINE_LIMIT = 1024 * 1024
_TAIL_LINES = 40


@dataclass(frozen=True, slots=True)
class Account:
    """The system user and group that a child runs as."""

    user: int
    group: int


LineListener = Callable[[str, str], None]


def _silent(_name: str, _line: str) -> None:
    return


@dataclass(frozen=True, slots=True)
class Output:
    """Where a child's lines go: a bounded log file, and a listener that gets (name of the child, line)."""

    log_path: Path
    on_line: LineListener = _silent


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What to run, and the signal that the child gets if this process dies without stopping it."""

    name: str
    argv: Sequence[str]
    output: Output
    environment: Mapping[str, str] | None = None
    """None: this process's own. What is confidential never gets there."""
    secrets: Mapping[str, str] | None = None
    """Handed over through an inherited descriptor. The program must read it as :mod:`toccata.runtime.variables` does."""
    account: Account | None = None
    death_signal: signal.Signals = signal.SIGKILL
    directory: Path | None = None


class Child:
    """A running child. Its pid is the program's own: the tether becomes the program."""

    def __init__(self, spec: ChildSpec, process: asyncio.subprocess.Process) -> None:
        self.spec = spec
        self._process = process
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._pump = asyncio.create_task(self._copy_output(), name=f"output of {spec.name}")

    @classmethod
    async def spawn(cls, spec: ChildSpec) -> "Child":
        """Start the child in its own session, so that Ctrl-C at the terminal reaches only this process."""
        account = spec.account or Account(-1, -1)
        environment = public(os.environ if spec.environment is None else spec.environment)
        with contextlib.ExitStack() as stack:
            if spec.secrets:
                descriptor = stack.enter_context(_in_memory(spec.secrets)).fileno()
                environment[DESCRIPTOR] = str(descriptor)
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", _TETHER),
                *(str(os.getpid()), str(int(spec.death_signal)), str(account.user), str(account.group)),
                *spec.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env=environment,
                cwd=spec.directory,
                start_new_session=True,
                limit=_LINE_LIMIT,
                pass_fds=(descriptor,) if spec.secrets else (),
            )
        return cls(spec, process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs. A negative number is the signal that ended it."""
        return self._process.returncode

    def tail(self) -> str:
        """The last lines of its output, for a message about its failure."""
        return "\n".join(self._tail)

    async def last_lines(self) -> str:
        """The same after its end, when the pipe is empty."""
        await self._drain_output()
        return self.tail()

    async def wait(self) -> int:
        """Wait for its end. Cancelling the wait leaves it running."""
        return await self._process.wait()

    def send(self, number: signal.Signals) -> None:
        """Send a signal. Does nothing if the child has ended."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def stop(self, number: signal.Signals, deadline_seconds: float) -> bool:
        """Ask it to end, and kill it after the deadline. True if it ended by itself."""
        self.send(number)
        try:
            async with asyncio.timeout(deadline_seconds):
                await self._process.wait()
        except TimeoutError:
            await self.kill()
            return False
        await self._drain_output()
        return True

    async def kill(self) -> None:
        """Send SIGKILL, then wait for the end."""
        self.send(signal.SIGKILL)
        await self._process.wait()
        await self._drain_output()

    async def _drain_output(self) -> None:
        """A grandchild may hold the pipe open. The wait is therefore bounded, and the pump is cancelled after it."""
        await asyncio.wait([self._pump], timeout=1)
        self._pump.cancel()
        await asyncio.wait([self._pump])

    async def _copy_output(self) -> None:
        """Copy lines to the log and the listener. A full disk must never block the child on its output."""
        stream = self._process.stdout
        assert stream is not None
        with _opened(self.spec.output.log_path) as log:
            while raw := await _line(stream):
                line = raw.decode(errors="replace").rstrip("\n")
                self._tail.append(line)
                if log is not None:
                    log.emit(logging.makeLogRecord({"msg": line}))
                self.spec.output.on_line(self.spec.name, line)


def _in_memory(secrets: Mapping[str, str]) -> BinaryIO:
    """A file without a name. A pipe would block on more than it holds."""
    linux = sys.platform == "linux"
    stream: BinaryIO = (
        os.fdopen(os.memfd_create("secrets"), "w+b") if linux else tempfile.TemporaryFile()  # noqa: SIM115
    )
    stream.write(json.dumps(dict(secrets)).encode())
    stream.seek(0)
    return stream


async def _line(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.readline()
    except ValueError:
        # The line is longer than the limit. asyncio has dropped the part it held.
        return b"(a line longer than 1 MiB was left out)\n"


class _Log(logging.handlers.RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name that the library calls
        """Drop the line when the disk is full. The library would print a traceback for each line."""


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[_Log | None]:
    """None if the log cannot be written. The tail of the output is kept in memory all the same."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        log = _Log(path, maxBytes=_LOG_BYTES, backupCount=_LOG_GENERATIONS, encoding="utf-8")
    except OSError:
        yield None
        return
    try:
        yield log
    finally:
        with contextlib.suppress(OSError):
            log.close()


async def run_to_end(spec: ChildSpec, deadline_seconds: float) -> tuple[int, str]:
    """Give its exit code and its last lines. Kills it after the deadline, and when this call is cancelled."""
    child = await Child.spawn(spec)
    try:
        async with asyncio.timeout(deadline_seconds):
            return await child.wait(), await child.last_lines()
    except TimeoutError:
        return -signal.SIGKILL, f"{spec.name} did not end within {deadline_seconds:.0f} s\n{child.tail()}"
    finally:
        await child.kill()
