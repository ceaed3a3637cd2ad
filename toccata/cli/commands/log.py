"""``toccata logs``."""

from __future__ import annotations

from typing import Annotated

import typer

from toccata.cli.connection import connected
from toccata.cli.option import FlowId, Follow, Limit, LogLevel, Namespace, Output
from toccata.cli.target.value import Target

app = typer.Typer()


@app.command("logs")
@connected("web")
def show_logs(  # noqa: PLR0913 - what narrows the view
    target: Target,
    execution: Annotated[
        str | None, typer.Argument(metavar="EXECUTION", help="Id; default: of all.", show_default=False)
    ] = None,
    *,
    namespace: Namespace = None,
    flow: FlowId = None,
    level: LogLevel = None,
    limit: Limit = 100,
    follow: Follow = False,
    output: Output = "table",
) -> None:
    """The latest log lines, or all of one execution. With --follow also those to come."""
    from toccata.cli import log

    if execution is not None:
        log.of_execution(target, execution, level, output, follow=follow)
    else:
        log.latest(target, log.Filter(namespace, flow, level), limit, output, follow=follow)
