"""The side of a child process that works for one task: it reads a job, answers, and ends when its input ends.

Its input also ends when the worker dies or the task is killed. It imports nothing but the standard library, because each such task
waits for it to start. The worker's side is ``toccata.plugin.in_child``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

LIBRARY_MISSING = 3
"""The exit code; the answer is the name of the library."""
STOP_SECONDS = 2.0


def serve(work: Callable[[bytes], bytes], stop: Callable[[], None] = lambda: None) -> None:
    """Answer the job, which is one line. ``stop`` is called in another thread when nobody wants the answer any more."""
    # What libraries print must not be taken for the answer.
    answers = os.dup(1)
    os.dup2(2, 1)
    line = sys.stdin.buffer.readline()
    worker = Thread(target=_answer, args=(work, line, answers), daemon=True)
    worker.start()
    sys.stdin.buffer.read()
    stop()
    worker.join(STOP_SECONDS)
    os._exit(1)


def _answer(work: Callable[[bytes], bytes], line: bytes, answers: int) -> None:
    code = 1
    try:
        answer, code = work(line), 0
    except ModuleNotFoundError as error:
        answer, code = (error.name or "").encode(), LIBRARY_MISSING
    except BaseException:  # noqa: BLE001 - it ends the process, and its trace is the task's message
        sys.excepthook(*sys.exc_info())
        answer = b""
    with suppress(BrokenPipeError), os.fdopen(answers, "wb") as file:
        file.write(answer)
    sys.stderr.flush()
    os._exit(code)
