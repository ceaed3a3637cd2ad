"""``toccata run``."""

from __future__ import annotations

from typing import Annotated

import typer

from toccata.cli.connection import connected
from toccata.cli.option import Follow, Form
from toccata.cli.target.value import Target


@connected("web")
def run(  # noqa: PLR0913 - what makes an execution
    target: Target,
    flow: Annotated[
        str,
        typer.Argument(
            metavar="FLOW|FILE", help="namespace.flow, or a file, which is applied first.", show_default=False
        ),
    ],
    *,
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", "-i", metavar="KEY=VALUE", help="Repeatable.", show_default=False),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option("--label", "-l", metavar="KEY=VALUE", help="Repeatable.", show_default=False),
    ] = None,
    follow: Follow = False,
    output: Annotated[
        Form, typer.Option("--output", "-o", help="For people, or for programs; not with --follow.")
    ] = "table",
) -> None:
    """Start an execution. With --follow its end gives the exit code: 0 for SUCCESS and WARNING, else 1."""
    from toccata.cli.run import Start
    from toccata.cli.run import run as start

    raise typer.Exit(start(target, Start(flow, inputs or [], label or []), output, follow=follow))
