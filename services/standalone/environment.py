"""``toccata env``: the addresses of a running standalone as shell variables, for ``eval "$(toccata env)"``."""

from __future__ import annotations

import shlex
from pathlib import Path

from services.standalone.home import read_run_file


def shell_variables(home: Path) -> str:
    """Lines of ``export NAME=value``. Raises StandaloneError if nothing runs on this home."""
    running = read_run_file(home)
    variables = {
        "TOCCATA_KAFKA_BOOTSTRAP_SERVERS": running["kafka_bootstrap_servers"],
        "TOCCATA_DATABASE_URL": running["database_url"],
        "TOCCATA_URL": running["url"],
    }
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
