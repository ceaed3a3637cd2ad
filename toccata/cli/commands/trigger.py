"""``toccata trigger …``."""

from __future__ import annotations

from toccata.cli.commands import backfill
from toccata.cli.connection import connected
from toccata.cli.option import FlowId, Limit, Namespace, Output, Triggers, group
from toccata.cli.target.value import Target

app = group("Triggers: list, enable, disable, unlock, reset, backfill.")

app.add_typer(backfill.app, name="backfill")


@app.command("list")
@connected("web")
def list_triggers(
    target: Target,
    *,
    namespace: Namespace = None,
    flow: FlowId = None,
    limit: Limit = 100,
    output: Output = "table",
) -> None:
    """Triggers, what they wait for, and whether they are enabled."""
    from toccata.cli import trigger

    trigger.list_all(target, trigger.Filter(namespace, flow), limit, output)


@app.command("enable")
@connected("web")
def enable_triggers(target: Target, triggers: Triggers, *, output: Output = "table") -> None:
    """Let triggers start executions again."""
    from toccata.cli import trigger

    trigger.switch(target, triggers, output, disabled=False)


@app.command("disable")
@connected("web")
def disable_triggers(target: Target, triggers: Triggers, *, output: Output = "table") -> None:
    """Keep triggers from starting executions, until they are enabled."""
    from toccata.cli import trigger

    trigger.switch(target, triggers, output, disabled=True)


@app.command("unlock")
@connected("web")
def unlock_triggers(target: Target, triggers: Triggers, *, output: Output = "table") -> None:
    """Free triggers that wait for an execution which no longer runs."""
    from toccata.cli import trigger

    trigger.unlock(target, triggers, output)


@app.command("reset")
@connected("web")
def reset_triggers(target: Target, triggers: Triggers, *, output: Output = "table") -> None:
    """Let triggers begin anew, enabled and without a backfill."""
    from toccata.cli import trigger

    trigger.reset(target, triggers, output)
