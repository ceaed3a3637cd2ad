"""``toccata env``: the addresses of a running standalone as shell variables, for ``eval "$(toccata env)"``."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from toccata.standalone.home import read_run_file


def shell_variables(home: Path) -> str:
    """Lines of ``export NAME=value``. Raises StandaloneError if nothing runs on this home."""
    running = read_run_file(home)
    variables = {
        "TOCCATA_KAFKA_BOOTSTRAP_SERVERS": running["kafka_bootstrap_servers"],
        "TOCCATA_DATABASE_URL": running["database_url"],
        "TOCCATA_URL": running["url"],
    }
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


_CONFIDENTIAL = {
    "TOCCATA_DATABASE_URL": {"web", "indexer"},
    "TOCCATA_AUTH_USERNAME": {"web"},
    "TOCCATA_AUTH_PASSWORD": {"web"},
}
_SECRETS = "SECRET_"


def needed_by(service: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Without what is confidential and not the service's business. Users' code runs below the worker, and there can read what
    the worker was started with: of that, flows' secrets only."""
    return {
        name: value
        for name, value in variables.items()
        if service in _CONFIDENTIAL.get(name, {service})
        and (service == "worker" or not name.startswith(_SECRETS))
    }
