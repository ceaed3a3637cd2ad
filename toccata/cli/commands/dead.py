"""``toccata dead …``."""

from __future__ import annotations

from typing import Annotated

import typer

from toccata.cli.connection import connected
from toccata.cli.option import Output, group
from toccata.cli.target.value import Target

app = group("Dead letters: records that could not be read or decided.")
Number = Annotated[
    int, typer.Argument(metavar="NUMBER", min=0, help="As `toccata dead list` shows it.", show_default=False)
]


@app.command("list")
@connected("kafka")
def list_letters(
    target: Target,
    *,
    most: Annotated[int, typer.Option("--most", min=1, help="How many of the newest.")] = 50,
    output: Output = "table",
) -> None:
    """List the newest dead letters, and why each record was given up."""
    from toccata.cli.dead import command

    command.show_all(target, most, output)


@app.command("show")
@connected("kafka")
def show_letter(target: Target, number: Number, *, output: Output = "table") -> None:
    """Show a dead letter with its record."""
    from toccata.cli.dead import command

    command.show_one(target, number, output)


@app.command("redrive")
@connected("kafka")
def redrive_letter(
    target: Target,
    number: Number,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Send a dead letter's record again to its topic."""
    from toccata.cli.dead import command

    command.redrive(target, number, yes=yes)
