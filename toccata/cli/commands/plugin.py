"""``toccata plugin …``."""

from __future__ import annotations

from typing import Annotated

import typer

from toccata.cli.option import Output, group

app = group("Task and trigger types: list, documentation.")


@app.command("list")
def list_types(*, output: Output = "table") -> None:
    """All types."""
    from toccata.cli import plugin

    plugin.list_all(output)


@app.command("doc")
def document_type(
    kind: Annotated[str, typer.Argument(metavar="TYPE", help="Its full name.", show_default=False)],
    *,
    output: Output = "table",
) -> None:
    """Documentation of a type; with -o json its JSON Schema."""
    from toccata.cli import plugin

    plugin.doc(kind, output)
