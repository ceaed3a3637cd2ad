"""The outputs of a flow, rendered as the execution ends, each with its declared type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.codec import encode
from contracts.evaluation import Question
from contracts.language.expression.impure import NotHere
from contracts.language.expression.presence import has_expression
from contracts.language.expression.template import Template, compile_template
from contracts.language.flow.input_value import typed
from contracts.language.flow.model import FlowOutput
from contracts.language.flow.needs import paths_needed
from contracts.language.types.behaviour import RenderingFailed
from contracts.language.types.index import INPUTS
from contracts.language.types.input.value import text_of as value_text
from contracts.scalars import JsonObject
from contracts.states import State
from services.executor.executions.blueprint import by_variable
from services.executor.executions.rendering.question import (
    AnswerNeeded,
    Asked,
    answer_to,
    needs_decryption,
    reads_any,
    value_of,
)
from services.executor.executions.rendering.template import scope_of, text_of
from services.executor.executions.rendering.variables import whole_of
from services.executor.executions.turn import Turn

_AS_ION = "{{ outputs | toIon }}"
OUTPUT_BYTES = 256 * 1024
"""The limit for all outputs of a flow. They are part of the execution's last event."""


def flow_outputs(turn: Turn, state: State) -> JsonObject:
    """Return all typed outputs of the flow. They see the state that the execution is about to end in.

    Raise RenderingFailed, or AnswerNeeded with all that a worker must render."""
    declared = turn.blueprint.outputs
    if not declared:
        return {}
    rendering = _Rendering(turn, state)
    rendered = [
        (output, rendering.secret(output.value) if _is_secret(output) else rendering.of(output.value))
        for output in declared
    ]
    rendering.ask()
    found: JsonObject = {}
    size = 0
    for output, text in rendered:
        found[output.id] = value = _typed(output, text)
        size += len(encode(value))
        if size > OUTPUT_BYTES:
            raise RenderingFailed(
                f"The outputs have more than {OUTPUT_BYTES:,} bytes. Write large values to files, and return their addresses"
            )
    turn.weigh(size)
    return _stored(turn, found) if _goes_to_file(turn) else found


def _goes_to_file(turn: Turn) -> bool:
    parent = turn.execution.parent
    return parent is not None and parent.iteration is not None and parent.iteration.stored


def _stored(turn: Turn, outputs: JsonObject) -> JsonObject:
    """Return the address of the file that a worker writes."""
    question = Question(_AS_ION, "stored")
    answer = answer_to(turn.execution, "", question)
    if answer is None:
        raise AnswerNeeded(Asked((question,), {"outputs": outputs}))
    return {"uri": value_of(answer)}


class _Rendering:
    """Renders all outputs, and remembers what a worker must render."""

    def __init__(self, turn: Turn, state: State) -> None:
        self._turn = turn
        self._state = state
        self._missing: list[Question] = []
        variables, self._references = whole_of(turn)
        self._scope = scope_of(turn, self._ending(variables))

    def of(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(compile_template(value)) if has_expression(value) else value
        if isinstance(value, Mapping):
            return {self.of(str(key)): self.of(part) for key, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.of(part) for part in value]
        return value

    def secret(self, value: Any) -> Any:
        """Return the text of this value, encrypted by a worker."""
        text = value_text(value)
        return self._answered(Question(text, "encrypted")) if text else None

    def ask(self) -> None:
        """Raise AnswerNeeded if anything is missing."""
        if self._missing:
            texts = [question.template for question in self._missing]
            needs = by_variable(paths_needed(texts, self._turn.blueprint.plan.flow.variables))
            variables, references = whole_of(self._turn, needs)
            questions = tuple(dict.fromkeys(self._missing))
            raise AnswerNeeded(Asked(questions, self._ending(variables), references))

    def _text(self, template: Template) -> str:
        if not self._needs_worker(template):
            try:
                return text_of(template, self._scope)
            except NotHere:
                pass
        return str(self._answered(Question(template.source)))

    def _needs_worker(self, template: Template) -> bool:
        encrypted = self._turn.execution.encrypted and needs_decryption(template, self._scope.variables)
        return encrypted or reads_any(template, self._references)

    def _answered(self, question: Question) -> Any:
        answer = answer_to(self._turn.execution, "", question)
        if answer is not None:
            return value_of(answer)
        self._missing.append(question)
        return ""

    def _ending(self, variables: JsonObject) -> JsonObject:
        return {**variables, "execution": {**variables["execution"], "state": self._state.value}}


def _is_secret(output: FlowOutput) -> bool:
    return output.type in INPUTS and INPUTS[output.type].secret


def _typed(output: FlowOutput, value: Any) -> Any:
    if value is None or (value == "" and output.type != "STRING"):
        if output.required:
            raise RenderingFailed(f"Missing value of output `{output.id}`")
        return None
    if output.type not in INPUTS:
        raise RenderingFailed(f"Output `{output.id}` is of unknown type {output.type}")
    try:
        return typed(output.type, value, output.item_type)
    except ValueError as error:
        raise RenderingFailed(f"Invalid value of output `{output.id}`: {error}") from error
