"""Renders templates in the core. Any error of a template becomes RenderingFailed with a message for people. Only pure
templates: a worker renders those that call something outside."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zlib import crc32

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.impure import IMPURE_FUNCTIONS, why_unavailable
from contracts.language.expression.presence import has_expression
from contracts.language.expression.scope import Limits, Scope
from contracts.language.expression.template import Template, compile_template
from contracts.language.flow.plan import Node
from contracts.language.types.behaviour import RenderingFailed
from contracts.scalars import to_datetime
from services.executor.executions.rendering.variables import (
    variables_of,
)
from services.executor.executions.state import TaskRun
from services.executor.executions.turn import Turn

LIMITS = Limits(max_steps=200_000, max_bytes=67_108_864)
"""All executions of a partition wait during one rendering."""


NO_MORE: Mapping[str, Any] = {}


def render(
    turn: Turn, node: Node, run: TaskRun, template: Template, more: Mapping[str, Any] = NO_MORE
) -> str:
    """Render a template of this task, as its run sees it."""
    refuse_impure(template)
    variables, references = variables_of(turn, turn.blueprint.prepared(node), run, attempts=run.attempt)
    if references:
        names = ", ".join(sorted({reference.path[1] for reference in references}))
        raise RenderingFailed(
            f"The outputs of {names} are too large for an expression that the executor evaluates"
        )
    return text_of(template, scope_of(turn, {**variables, **more}))


def render_nested(turn: Turn, node: Node, run: TaskRun, value: Any) -> Any:
    """Render the texts within a value, and keys of maps. Keep the rest."""
    if isinstance(value, str):
        return render(turn, node, run, compile_template(value)) if has_expression(value) else value
    if isinstance(value, Mapping):
        return {
            render_nested(turn, node, run, str(key)): render_nested(turn, node, run, part)
            for key, part in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [render_nested(turn, node, run, part) for part in value]
    return value


@dataclass(frozen=True, slots=True)
class RunRendering:
    """The templates of one task, as its run sees them. A flowable's functions get this."""

    turn: Turn
    node: Node
    run: TaskRun
    more: Mapping[str, Any] = field(default_factory=dict)
    """Further variables."""

    @property
    def lists(self) -> Collection[str]:
        return self.node.lists

    @property
    def timeout(self) -> timedelta | Template | None:
        return self.node.timeout

    def text(self, template: Template) -> str:
        return render(self.turn, self.node, self.run, template, self.more)

    def with_variables(self, variables: Mapping[str, Any]) -> RunRendering:
        return RunRendering(self.turn, self.node, self.run, variables)

    def nested(self, value: Any) -> Any:
        return render_nested(self.turn, self.node, self.run, value)


def refuse_impure(template: Template) -> None:
    """Fail the task of an impure template. An *evaluate* attempt on a worker will take over here."""
    reached = sorted(template.calls & IMPURE_FUNCTIONS)
    if reached:
        raise RenderingFailed(why_unavailable(reached[0]))


def scope_of(turn: Turn, variables: Mapping[str, Any]) -> Scope:
    execution = turn.execution
    seed = crc32(f"{execution.id}/{execution.seq}".encode())
    budget = turn.rendering(LIMITS.max_bytes)
    return Scope(variables, to_datetime(turn.at), seed, limits=LIMITS, budget=budget)


def text_of(template: Template, scope: Scope) -> str:
    try:
        return template.render(scope)
    except ExpressionError as error:
        raise RenderingFailed(str(error)) from error
