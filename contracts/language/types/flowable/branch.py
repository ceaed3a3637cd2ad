"""``core.flow.If``: the condition is rendered once, at the start, and kept as output ``evaluationResult``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator

from contracts.language.expression.template import Template, compile_template
from contracts.language.types.behaviour import Lists, N, Opening, Rendering
from contracts.language.types.declaration import TAIL, FlowableType, Slot
from contracts.language.types.flowable.sequential import following
from contracts.language.types.property import Properties, dynamic
from contracts.scalars import JsonObject


def _as_text(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


class If(Properties):
    """Runs `then` when the condition is true, else `else`. Each branch runs its tasks one after another."""

    condition: Annotated[str, BeforeValidator(_as_text)] = dynamic(
        doc="an expression; empty text, false, 0 and -0 are false, all else is true"
    )


class IfOutputs(BaseModel):
    evaluationResult: bool  # noqa: N815 - as expressions write it
    """What the condition was."""


def compiled(properties: If) -> Template:
    return compile_template(properties.condition)


def opening(condition: Template, rendering: Rendering) -> Opening:
    return Opening({"evaluationResult": rendering.truth(condition)})


def main(lists: Lists[N], outputs: JsonObject) -> tuple[N, ...]:
    return lists.get("then" if outputs.get("evaluationResult") else "else", ())


IF: FlowableType[Template] = FlowableType(
    name="io.kestra.plugin.core.flow.If",
    title="Run tasks on a condition",
    properties=If,
    aliases=("io.kestra.core.tasks.flows.If",),
    outputs=IfOutputs,
    examples=(
        """id: choose
type: io.kestra.plugin.core.flow.If
condition: "{{ inputs.amount > 100 }}"
then:
  - id: large
    type: io.kestra.plugin.core.log.Log
    message: a large one
else:
  - id: small
    type: io.kestra.plugin.core.log.Log
    message: a small one""",
    ),
    slots={"then": Slot(required=True), "else": Slot(), **TAIL},
    compile=compiled,
    opening=opening,
    following=following,
    main=main,
)
