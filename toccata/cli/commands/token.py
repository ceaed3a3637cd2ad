"""``toccata token …``."""

from __future__ import annotations

from typing import Annotated

import typer

from toccata.cli.connection import connected
from toccata.cli.option import Output, group
from toccata.cli.target.value import Target

app = group("API tokens: create, list, revoke.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="What uses it.", show_default=False)]
Tokens = Annotated[list[str], typer.Argument(metavar="TOKEN", help="Names or ids.", show_default=False)]
ReadOnly = Annotated[bool, typer.Option("--read-only", help="It may change nothing.")]
Days = Annotated[int, typer.Option(min=1, max=3650, help="Days until it expires.")]
Forever = Annotated[bool, typer.Option("--no-expiry", help="It does not expire.")]


@app.command("create")
@connected("web")
def create_token(
    target: Target, name: Name, *, read_only: ReadOnly = False, days: Days = 90, no_expiry: Forever = False
) -> None:
    """Make a token and print it, this once. Try: export TOCCATA_TOKEN="$(toccata token create ci)"."""
    from toccata.cli import token

    token.create(target, name, read_only=read_only, days=None if no_expiry else days)


@app.command("list")
@connected("web")
def list_tokens(target: Target, *, output: Output = "table") -> None:
    """Tokens, what they may do, and when they expire."""
    from toccata.cli import token

    token.list_all(target, output)


@app.command("revoke")
@connected("web")
def revoke_tokens(target: Target, tokens: Tokens) -> None:
    """Revoke tokens at once, on all replicas of web."""
    from toccata.cli import token

    token.revoke(target, tokens)
