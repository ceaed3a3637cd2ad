"""``core.flow.Switch``: the value is rendered once, at the start, and chooses one of the lists."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator

from contracts.language.expression.template import Template, compile_template
from contracts.language.types.behaviour import Lists, N, Opening, Rendering, RenderingFailed
from contracts.language.types.declaration import TAIL, FlowableType, Slot, case_list
from contracts.language.types.flowable.sequential import following
from contracts.language.types.property import Properties, dynamic
from contracts.scalars import JsonObject


def _as_text(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


class Switch(Properties):
    """Runs the tasks of the case that equals the value, one after another. `defaults` run when no case does.

    Without `defaults`, a value that equals no case fails the task."""

    value: Annotated[str, BeforeValidator(_as_text)] = dynamic(
        doc="an expression that gives the name of a case"
    )


class SwitchOutputs(BaseModel):
    value: str
    """The rendered value."""
    defaults: bool
    """Whether no case was equal to it."""


def compiled(properties: Switch) -> Template:
    return compile_template(properties.value)


def opening(value: Template, rendering: Rendering) -> Opening:
    text = rendering.text(value)
    lists = rendering.lists
    known = case_list("cases", text) in lists
    if not known and "defaults" not in lists:
        raise RenderingFailed(f"No case equals `{text}`, and there are no `defaults`")
    return Opening({"value": text, "defaults": not known})


def main(lists: Lists[N], outputs: JsonObject) -> tuple[N, ...]:
    name = "defaults" if outputs.get("defaults") else case_list("cases", str(outputs.get("value")))
    return lists.get(name, ())


SWITCH: FlowableType[Template] = FlowableType(
    name="io.kestra.plugin.core.flow.Switch",
    title="Run the tasks of a case",
    properties=Switch,
    aliases=("io.kestra.core.tasks.flows.Switch",),
    outputs=SwitchOutputs,
    examples=(
        """id: by_colour
type: io.kestra.plugin.core.flow.Switch
value: "{{ inputs.colour }}"
cases:
  green:
    - id: go
      type: io.kestra.plugin.core.log.Log
      message: go
  red:
    - id: stop
      type: io.kestra.plugin.core.log.Log
      message: stop
defaults:
  - id: other
    type: io.kestra.plugin.core.log.Log
    message: some other colour""",
    ),
    slots={"cases": Slot("cases"), "defaults": Slot(), **TAIL},
    compile=compiled,
    opening=opening,
    following=following,
    main=main,
)
