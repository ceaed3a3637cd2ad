"""Reads options, environment and run.json, and resolves the system that they name."""

from __future__ import annotations

import os
from pathlib import Path

from toccata.cli.errors import MISUSED, CommandError
from toccata.cli.target.resolve import Defaults, Found, Kept, resolve
from toccata.cli.target.value import Given, Target
from toccata.runtime.credential import DEFAULT_USERNAME
from toccata.runtime.errors import Fatal
from toccata.runtime.variables import variables
from toccata.standalone.errors import NotRunning, StandaloneError
from toccata.standalone.home import RunFile, read_run_file
from toccata.standalone.secret import DATABASE_URL, read_secret
from toccata.standalone.web_sign_in import FILE, read_sign_in

_NAMES_A_SYSTEM = ("TOCCATA_URL", "TOCCATA_KAFKA_BOOTSTRAP_SERVERS", "TOCCATA_DATABASE_URL")


def home_folder() -> Path:
    """The data directory."""
    return Path(os.environ.get("TOCCATA_HOME") or ".toccata")


def read_target(given: Given) -> Target:
    """Raises CommandError if a run.json is needed but cannot be read."""
    home = home_folder()
    defaults = Defaults(DEFAULT_USERNAME)
    try:
        return resolve(variables(), given, _found(home, given), defaults, home)
    except Fatal as error:
        raise CommandError(f"{error}.", "Correct that variable of the environment.", MISUSED) from None


def running_on(home: Path) -> RunFile | None:
    """The run file of the standalone on this data directory. None if none runs."""
    try:
        return read_run_file(home)
    except NotRunning:
        return None
    except StandaloneError as error:
        raise CommandError(
            str(error), "Stop that standalone and start it again, or name a system: --url, --kafka."
        ) from error


def _found(home: Path, given: Given) -> Found | None:
    try:
        running = running_on(home)
    except CommandError:
        if given.url or given.kafka or any(os.environ.get(name) for name in _NAMES_A_SYSTEM):
            return None
        raise
    if running is None:
        return None
    return Found(
        (home / "run.json").absolute(),
        running["url"],
        running["kafka_bootstrap_servers"],
        read_secret(home, DATABASE_URL) or running["database_url"],
        running["kafka_topic_prefix"],
        Path(users) if (users := running.get("kafka_users")) else None,
        Path(users) if (users := running.get("postgres_users")) else None,
        _kept(home, running),
    )


def _kept(home: Path, running: RunFile) -> Kept | str:
    """The sign-in of the running standalone, or why it is not known. Only the file in the data directory itself is read, and
    only if it belongs to us: a run.json that somebody copied or planted leads to no password."""
    if not running.get("sign_in_kept"):
        return f"The sign-in of the standalone on {home.absolute()} was set where it was started."
    try:
        found = read_sign_in(home)
    except StandaloneError as error:
        return str(error)
    if found is None:
        return f"{(home / FILE).absolute()} is gone: the next start makes a new password."
    return Kept((home / FILE).absolute(), found.username, found.password)
