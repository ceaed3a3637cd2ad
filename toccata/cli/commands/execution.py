"""``toccata execution …``."""

from __future__ import annotations

from typing import Annotated

import typer

from toccata.cli.connection import connected
from toccata.cli.option import (
    Execution,
    Executions,
    FlowId,
    Follow,
    Limit,
    LogLevel,
    Namespace,
    Output,
    group,
)
from toccata.cli.target.value import Target

app = group("Executions: list, get, logs, kill, restart.")


@app.command("list")
@connected("web")
def list_executions(  # noqa: PLR0913 - what narrows the view
    target: Target,
    *,
    namespace: Namespace = None,
    flow: FlowId = None,
    state: Annotated[
        list[str] | None,
        typer.Option("--state", "-s", metavar="STATE", help="Repeatable.", show_default=False),
    ] = None,
    limit: Limit = 20,
    output: Output = "table",
) -> None:
    """The latest executions."""
    from toccata.cli.execution import read

    read.list_all(target, read.Filter(namespace, flow, state or []), limit, output)


@app.command("get")
@connected("web")
def get_execution(target: Target, execution: Execution, *, output: Output = "table") -> None:
    """One execution with its task runs."""
    from toccata.cli.execution import read

    read.get(target, execution, output)


@app.command("logs")
@connected("web")
def logs_of_execution(
    target: Target,
    execution: Execution,
    *,
    level: LogLevel = None,
    follow: Follow = False,
    output: Output = "table",
) -> None:
    """The log lines of an execution."""
    from toccata.cli.log import of_execution

    of_execution(target, execution, level, output, follow=follow)


@app.command("kill")
@connected("web")
def kill_executions(target: Target, executions: Executions, *, output: Output = "table") -> None:
    """End running executions."""
    from toccata.cli.execution import steer

    steer.kill(target, executions, output)


@app.command("restart")
@connected("web")
def restart_executions(target: Target, executions: Executions, *, output: Output = "table") -> None:
    """Run the failed part of ended executions again."""
    from toccata.cli.execution import steer

    steer.restart(target, executions, output)
