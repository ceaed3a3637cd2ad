"""``toccata flow …``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toccata.cli.connection import connected
from toccata.cli.option import Files, FlowNames, Limit, Namespace, Output, Yes, group
from toccata.cli.target.value import Target

app = group("Flows: list, get, validate, apply, export, delete.")


@app.command("list")
@connected("web")
def list_flows(
    target: Target, *, namespace: Namespace = None, limit: Limit = 100, output: Output = "table"
) -> None:
    """Flows in their latest revision."""
    from toccata.cli.flow import read

    read.list_all(target, namespace, limit, output)


@app.command("get")
@connected("web")
def get_flow(
    target: Target,
    flow: Annotated[str, typer.Argument(metavar="FLOW", help="namespace.flow", show_default=False)],
    *,
    revision: Annotated[
        int | None, typer.Option(min=1, help="Default: the latest.", show_default=False)
    ] = None,
    output: Output = "yaml",
) -> None:
    """One flow: its source as written. With -o json and -o table: what is known of it."""
    from toccata.cli.flow import read

    read.get(target, flow, revision, output)


@app.command("validate")
def validate_flows(files: Files) -> None:
    """Check flows on this machine. Problems are shown as file:line:column."""
    from toccata.cli.flow import validate

    validate.validate(files)


@app.command("apply")
@connected("web")
def apply_flows(target: Target, files: Files) -> None:
    """Create flows, or store new revisions of them. Good ones are stored beside bad ones."""
    from toccata.cli.flow import apply

    apply.apply(target, files)


@app.command("export")
@connected("web")
def export_flows(
    target: Target,
    flows: Annotated[
        list[str] | None,
        typer.Argument(metavar="FLOW", help="namespace.flow; default: all.", show_default=False),
    ] = None,
    *,
    to: Annotated[Path, typer.Option(help="Folder to write the files to.")] = Path(),
    namespace: Namespace = None,
) -> None:
    """Write the sources of flows into files."""
    from toccata.cli.flow import export

    export.export(target, flows or [], to, namespace)


@app.command("delete")
@connected("web")
def delete_flows(target: Target, flows: FlowNames, *, yes: Yes = False) -> None:
    """Delete flows. Their executions stay, and running ones go on."""
    from toccata.cli.confirm import confirm
    from toccata.cli.flow import delete

    confirm(f"Delete {', '.join(flows)}?", yes=yes)
    delete.delete(target, flows)
