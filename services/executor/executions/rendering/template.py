"""Renders templates in the core. Any error of a template becomes RenderingFailed with a message for people. What only a worker can
render becomes AnswerNeeded, or the answer of the worker, once that has come."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zlib import crc32

from contracts.evaluation import Form, Question
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.impure import PORTS_ELSEWHERE, NotHere
from contracts.language.expression.presence import has_expression
from contracts.language.expression.scope import Limits, Scope
from contracts.language.expression.template import Template, compile_template, is_truthy
from contracts.language.flow.plan import Node
from contracts.language.types.behaviour import RenderingFailed
from contracts.language.types.index import INPUTS
from contracts.scalars import JsonObject, to_datetime
from services.executor.executions.rendering.question import (
    AnswerNeeded,
    Asked,
    answer_to,
    merged,
    needs_decryption,
    reads_any,
    sight_of,
    value_of,
)
from services.executor.executions.rendering.variables import variables_of
from services.executor.executions.state import TaskRun
from services.executor.executions.turn import Turn

LIMITS = Limits(max_steps=200_000, max_bytes=67_108_864)
"""All executions of a partition wait during one rendering."""


_FILE = "{{ text }}"
"""The template of a text that is kept in internal storage."""
NO_MORE: Mapping[str, Any] = {}


def render(
    turn: Turn, node: Node, run: TaskRun, template: Template, more: Mapping[str, Any] = NO_MORE
) -> str:
    """Render a template of this task, as its run sees it. Raise RenderingFailed or AnswerNeeded."""
    return str(_rendered(turn, node, run, template, "text", more))


def holds(
    turn: Turn, node: Node, run: TaskRun, template: Template, more: Mapping[str, Any] = NO_MORE
) -> bool:
    """Return whether the rendered text is true. If a worker renders it, only that leaves the worker."""
    return bool(_rendered(turn, node, run, template, "truth", more))


def integers(
    turn: Turn, node: Node, run: TaskRun, template: Template, more: Mapping[str, Any] = NO_MORE
) -> range | None:
    """Return the integers that a template gives. None if it is not a range and nothing else, or if only a worker can tell."""
    if not template.is_range:
        return None
    variables, references = variables_of(turn, turn.blueprint.prepared(node), run, attempts=run.attempt)
    if reads_any(template, references) or (
        turn.execution.encrypted and needs_decryption(template, variables)
    ):
        return None
    try:
        return template.bounds(scope_of(turn, {**variables, **more}))
    except NotHere:
        return None
    except ExpressionError as error:
        raise RenderingFailed(str(error)) from error


def encrypted(
    turn: Turn, node: Node, run: TaskRun, template: Template, more: Mapping[str, Any] = NO_MORE
) -> Any:
    """Return the rendered text, encrypted. It stays in the worker that renders it."""
    return _rendered(turn, node, run, template, "encrypted", more)


def _rendered(  # noqa: PLR0913 - all that a rendering needs
    turn: Turn, node: Node, run: TaskRun, template: Template, form: Form, more: Mapping[str, Any]
) -> Any:
    question = Question(template.source, form, sight_of(more) if more else "")
    answer = answer_to(turn.execution, run.id, question)
    if answer is not None:
        return value_of(answer)
    variables, references = variables_of(turn, turn.blueprint.prepared(node), run, attempts=run.attempt)
    if (
        form == "encrypted"
        or reads_any(template, references)
        or (turn.execution.encrypted and needs_decryption(template, variables))
    ):
        raise AnswerNeeded(_asked(turn, node, run, (question,), more))
    try:
        text = text_of(template, scope_of(turn, {**variables, **more}))
    except NotHere:
        raise AnswerNeeded(_asked(turn, node, run, (question,), more)) from None
    return is_truthy(text) if form == "truth" else text


def _asked(
    turn: Turn, node: Node, run: TaskRun, questions: tuple[Question, ...], more: Mapping[str, Any]
) -> Asked:
    prepared = turn.blueprint.narrowed(node, [question.template for question in questions])
    variables, references = variables_of(turn, prepared, run, attempts=run.attempt)
    return Asked(questions, {**variables, **more}, references)


def render_nested(  # noqa: PLR0913 - all that a rendering needs
    turn: Turn,
    node: Node,
    run: TaskRun,
    value: Any,
    more: Mapping[str, Any] = NO_MORE,
    secret: Collection[str] = (),
) -> Any:
    """Render the texts within a value, and keys of maps. Keep the rest. What a worker must render is asked for together.

    ``secret``: the dotted keys of texts that are encrypted as they are rendered."""
    missing: list[AnswerNeeded] = []

    def rendered(part: Any, key: str = "") -> Any:
        if isinstance(part, str):
            return text(part, hidden=key in secret) if has_expression(part) else part
        if isinstance(part, Mapping):
            around = key + "." if key else ""
            return {rendered(str(name)): rendered(item, f"{around}{name}") for name, item in part.items()}
        if isinstance(part, (list, tuple)):
            return [rendered(item) for item in part]
        return part

    def text(source: str, *, hidden: bool) -> Any:
        try:
            return (encrypted if hidden else render)(turn, node, run, compile_template(source), more)
        except AnswerNeeded as needed:
            missing.append(needed)
            return ""

    found = rendered(value)
    if missing:
        raise AnswerNeeded(_asked(turn, node, run, merged(missing), more))
    return found


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
    def outputs(self) -> JsonObject:
        return self.run.outputs

    @property
    def timeout(self) -> timedelta | Template | None:
        return self.node.timeout

    def text(self, template: Template) -> str:
        return render(self.turn, self.node, self.run, template, self.more)

    def with_variables(self, variables: Mapping[str, Any]) -> RunRendering:
        return RunRendering(self.turn, self.node, self.run, variables)

    def integers(self, template: Template) -> range | None:
        return integers(self.turn, self.node, self.run, template, self.more)

    def truth(self, template: Template) -> bool:
        return holds(self.turn, self.node, self.run, template, self.more)

    def stored(self, text: str) -> str:
        question = Question(_FILE, "stored", sight_of(text))
        answer = answer_to(self.turn.execution, self.run.id, question)
        if answer is None:
            raise AnswerNeeded(_asked(self.turn, self.node, self.run, (question,), {"text": text}))
        return str(value_of(answer))

    def nested(self, value: Any) -> Any:
        return render_nested(self.turn, self.node, self.run, value, self.more)

    def child_inputs(
        self, namespace: str, flow_id: str, revision: int | None, written: Mapping[str, Any]
    ) -> JsonObject:
        child = self.turn.setting.blueprints.of(namespace, flow_id, revision)
        declared = child.plan.flow.inputs if child is not None else ()
        secret = {each.id for each in declared if INPUTS[each.type].secret}
        found: JsonObject = render_nested(self.turn, self.node, self.run, written, self.more, secret)
        return found


def scope_of(turn: Turn, variables: Mapping[str, Any]) -> Scope:
    execution = turn.execution
    seed = crc32(f"{execution.id}/{execution.seq}".encode())
    budget = turn.rendering(LIMITS.max_bytes)
    return Scope(variables, to_datetime(turn.at), seed, PORTS_ELSEWHERE, LIMITS, budget)


def text_of(template: Template, scope: Scope) -> str:
    """Raise NotHere where only a worker goes on."""
    try:
        return template.render(scope)
    except ExpressionError as error:
        raise RenderingFailed(str(error)) from error
