"""Kills and restarts executions. If one is refused, for example because of its state, the others still follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from toccata.cli.api import Refusal
from toccata.cli.errors import CommandError
from toccata.cli.execution.read import asked
from toccata.cli.option import Form
from toccata.cli.output import err, say, say_value, state
from toccata.cli.target.value import Target

_ABOUT_THE_EXECUTION = frozenset({404, 409, 422})


def kill(target: Target, executions: Sequence[str], form: Form) -> None:
    _each(target, executions, ("DELETE", "/actions/kill"), form)


def restart(target: Target, executions: Sequence[str], form: Form) -> None:
    _each(target, executions, ("POST", "/actions/restart"), form)


def _each(target: Target, executions: Sequence[str], action: tuple[str, str], form: Form) -> None:
    method, path = action
    pages: list[Any] = []
    refused: list[CommandError] = []
    for execution in executions:
        try:
            page = asked(target, method, execution, path)
        except CommandError as error:
            if isinstance(error, Refusal) and error.status not in _ABOUT_THE_EXECUTION:
                raise
            if len(executions) == 1:
                raise
            err.print(f"{execution}: {error.message}", style="red")
            refused.append(error)
            continue
        pages.append(page)
        if form == "table":
            say(execution, " ", state(page["state"]["current"]))
    if form != "table":
        say_value(pages, form)
    if refused:
        raise CommandError(f"{len(refused)} of {len(executions)} executions were not changed.")
