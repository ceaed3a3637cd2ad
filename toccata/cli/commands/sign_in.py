"""``toccata sign-in`` and ``toccata password …``."""

from __future__ import annotations

import typer

from toccata.cli.connection import connected
from toccata.cli.option import group
from toccata.cli.target.value import Target

app = typer.Typer()
password_app = group("Passwords: hash.")


@app.command("sign-in")
@connected("web")
def show_sign_in(target: Target) -> None:
    """Print the sign-in as user:password. For other programs: curl -u "$(toccata sign-in)" ..."""
    from toccata.cli import sign_in

    sign_in.show(target)


@password_app.command("hash")
def hash_a_password() -> None:
    """Print the hash of a password. It is for TOCCATA_AUTH_PASSWORD_HASH. Asks for the password, or reads a line of standard input."""
    from toccata.cli import sign_in

    sign_in.print_hash()
