"""``toccata``: runs the command. An expected failure is one line that says what to do, never a traceback."""

from __future__ import annotations

import sys

from toccata.cli.errors import INTERRUPTED, CommandError


def main() -> int:
    from toccata.cli.app import app

    try:
        app(prog_name="toccata")
    except CommandError as error:
        return _fail(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        # For example a full disk or a closed folder, for which no command has a better message.
        return _fail(CommandError(f"{_place(error)}: {error.strerror or error}."))
    return 0


def _place(error: OSError) -> str:
    return str(error.filename) if error.filename is not None else "The output cannot be written"


def _fail(error: CommandError) -> int:
    from toccata.cli.output import err

    try:
        sys.stdout.flush()
    except OSError:
        # Writing to it is what failed.
        _let_go_of_stdout()
    err.print(error.message, style="red")
    if error.advice:
        err.print(error.advice)
    return error.code


def _let_go_of_stdout() -> None:
    """Keep the interpreter's last flush from failing again."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
