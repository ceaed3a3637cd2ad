"""``python -m services.standalone``: everything on this machine, with one command."""

from __future__ import annotations

import sys

from pydantic import ValidationError

from services.standalone.settings import StandaloneSettings
from services.standalone.supervisor import run_standalone
from services.standalone.terminal import Terminal


def main() -> int:
    try:
        settings = StandaloneSettings()
    except ValidationError as error:
        Terminal(sys.stderr).say(f"Toccata: a setting is wrong.\n{error}")
        return 2
    return run_standalone(settings)


if __name__ == "__main__":
    sys.exit(main())
