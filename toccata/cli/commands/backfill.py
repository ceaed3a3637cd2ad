"""``toccata trigger backfill …``."""

from __future__ import annotations

from typing import Annotated

import typer

from toccata.cli.connection import connected
from toccata.cli.option import FlowId, Limit, Namespace, Output, Triggers, group
from toccata.cli.target.value import Target

app = group("Backfills of schedules: create, list, pause, continue, delete.")


@app.command("create")
@connected("web")
def create_backfill(  # noqa: PLR0913 - what a backfill is made of
    target: Target,
    trigger: Annotated[
        str, typer.Argument(metavar="TRIGGER", help="namespace.flow.trigger", show_default=False)
    ],
    *,
    start: Annotated[
        str,
        typer.Option("--start", metavar="DATE", help="First date, such as 2026-01-01.", show_default=False),
    ],
    end: Annotated[
        str | None,
        typer.Option("--end", metavar="DATE", help="Last date; now if not set.", show_default=False),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", "-i", metavar="KEY=VALUE", help="Repeatable.", show_default=False),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option("--label", "-l", metavar="KEY=VALUE", help="Repeatable.", show_default=False),
    ] = None,
    output: Output = "table",
) -> None:
    """Run every date of a schedule from --start to --end, in order. The schedule itself waits meanwhile."""
    from toccata.cli import backfill

    backfill.create(target, trigger, backfill.Wanted(start, end, inputs or [], label or []), output)


@app.command("list")
@connected("web")
def list_backfills(
    target: Target,
    *,
    namespace: Namespace = None,
    flow: FlowId = None,
    limit: Limit = 1_000,
    output: Output = "table",
) -> None:
    """Backfills that have not ended, and how far they are."""
    from toccata.cli import backfill, trigger

    backfill.list_all(target, trigger.Filter(namespace, flow), limit, output)


@app.command("pause")
@connected("web")
def pause_backfills(target: Target, triggers: Triggers, *, output: Output = "table") -> None:
    """Start no further date. The execution that runs goes on."""
    from toccata.cli import backfill

    backfill.change(target, triggers, "pause", output)


@app.command("continue")
@connected("web")
def continue_backfills(target: Target, triggers: Triggers, *, output: Output = "table") -> None:
    """Let paused backfills go on with their next date."""
    from toccata.cli import backfill

    backfill.change(target, triggers, "continue", output)


@app.command("delete")
@connected("web")
def delete_backfills(target: Target, triggers: Triggers, *, output: Output = "table") -> None:
    """End backfills. Their executions stay, and the schedules go on with their own dates."""
    from toccata.cli import backfill

    backfill.change(target, triggers, "delete", output)
