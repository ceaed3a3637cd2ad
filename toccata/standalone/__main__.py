"""``python -m toccata.standalone``: runs everything on this machine with one command."""

from __future__ import annotations

import sys

from pydantic import ValidationError

from toccata.runtime.argument import take_no_arguments
from toccata.runtime.errors import Fatal
from toccata.runtime.privacy import keep_private
from toccata.standalone.settings import StandaloneSettings
from toccata.standalone.supervisor import run_standalone
from toccata.standalone.terminal import Terminal


def main() -> int:
    take_no_arguments(
        "python -m toccata.standalone",
        "Starts everything on this machine: Kafka, PostgreSQL, and one of each service.",
    )
    keep_private()
    try:
        settings = StandaloneSettings()
    except ValidationError as error:
        terminal = Terminal(sys.stderr)
        for each in error.errors():
            terminal.say(f"Toccata: TOCCATA_{str(each['loc'][0]).upper()} is wrong: {each['msg']}.")
        return 2
    except Fatal as error:
        Terminal(sys.stderr).say(f"Toccata: {error}.")
        return 2
    return run_standalone(settings)


if __name__ == "__main__":
    sys.exit(main())
