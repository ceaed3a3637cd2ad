"""``toccata sign-in``: prints the sign-in. ``toccata password hash``: prints the hash of a password."""

from __future__ import annotations

import os
import sys
from getpass import getpass

from toccata.cli.errors import MISUSED, CommandError
from toccata.cli.output import err
from toccata.cli.target.value import Target, require
from toccata.runtime.credential import DEFAULT_USERNAME, password_problem
from toccata.runtime.password import hash_password


def show(target: Target) -> None:
    """Raises CommandError if the sign-in is not known."""
    sys.stdout.write(f"{require(target.username)}:{require(target.password)}\n")


def print_hash() -> None:
    """Raises CommandError for a password that web would refuse, because web cannot see that in a hash."""
    password = _asked() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    username = os.environ.get("TOCCATA_AUTH_USERNAME") or DEFAULT_USERNAME
    if problem := password_problem(username, password, is_reachable=True):
        raise CommandError(f"{problem.replace('TOCCATA_AUTH_PASSWORD', 'The password', 1)}.", "", MISUSED)
    sys.stdout.write(f"{hash_password(password)}\n")
    err.print("Write it into TOCCATA_AUTH_PASSWORD_HASH, in single quotes because of its dollar signs.")


def _asked() -> str:
    password = getpass("Password: ", sys.stderr)
    if getpass("Again: ", sys.stderr) != password:
        raise CommandError("The two are not the same.", "", MISUSED)
    return password
