"""``toccata plugin …``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toccata.cli.option import Output, group

app = group("Task and trigger types: list, doc, new, index.")


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


@app.command("new")
def new_package(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as acme-weather.", show_default=False)],
    *,
    folder: Annotated[
        Path | None,
        typer.Option("--dir", help="Where; a new folder of that name if not set.", show_default=False),
    ] = None,
) -> None:
    """Write a plugin package with one task type and its test."""
    from toccata.cli import plugin_package

    plugin_package.new(name, folder)


@app.command("index")
def index_package(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder with pyproject.toml.")] = Path(),
) -> None:
    """Write the index of a plugin package. Its types are then listed without being imported."""
    from toccata.cli import plugin_package

    plugin_package.index(folder)
