"""The arguments of a program that takes none: its settings are variables of the environment."""

from __future__ import annotations

import sys
from collections.abc import Sequence

_SETTINGS = (
    "Settings are read from variables of the environment, TOCCATA_...: `toccata settings check` says what is wrong with them,"
    " and web lists them at /docs/reference/settings/."
)


def take_no_arguments(program: str, description: str, given: Sequence[str] | None = None) -> None:
    """Ends the process: with help where that is asked for, with code 2 where anything else is given."""
    arguments = sys.argv[1:] if given is None else given
    if not arguments:
        return
    from argparse import ArgumentParser  # only people ask for it

    ArgumentParser(prog=program, description=description, epilog=_SETTINGS).parse_args(arguments)
