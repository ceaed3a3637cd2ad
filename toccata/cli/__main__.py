"""``toccata``: runs the command; an expected failure is one line and what to do, never a trace."""

from __future__ import annotations

import os
import sys

from toccata.cli.errors import CommandError

_INTERRUPTED = 130
_PIPE_CLOSED = 141


def main() -> int:
    from toccata.cli.app import app

    try:
        app(prog_name="toccata")
    except CommandError as error:
        return _fail(error)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; the interpreter's own last flush must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED
    return 0


def _fail(error: CommandError) -> int:
    from toccata.cli.output import err

    sys.stdout.flush()
    err.print(error.message, style="red")
    if error.advice:
        err.print(error.advice)
    return error.code


if __name__ == "__main__":
    sys.exit(main())
