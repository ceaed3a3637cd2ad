"""``core.flow.Pause``: waits until somebody resumes it, or for a time."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from contracts.language.expression.template import Template, compile_template
from contracts.language.types.behaviour import Opening, Rendering, RenderingFailed
from contracts.language.types.behaviour import Pause as Wait
from contracts.language.types.declaration import ON_PAUSE, TAIL, FlowableType, Slot
from contracts.language.types.flowable.sequential import following
from contracts.language.types.flowable.span import Span, milliseconds_of, span_of
from contracts.language.types.property import DynamicDuration, Properties, dynamic
from contracts.scalars import JsonObject
from contracts.states import State

_BECOMES = {
    "RESUME": State.SUCCESS,
    "WARN": State.WARNING,
    "FAIL": State.FAILED,
    "CANCEL": State.CANCELLED,
}


class Pause(Properties):
    """Pauses the execution until somebody resumes it, or for a time. Other branches of the flow go on meanwhile.

    With `timeout` it waits for that time at most, and then fails. `onPause` is a task that runs when the pause begins. `onResume` are inputs that are asked for when it is resumed; their
    values are the output `onResume`. `tasks` is an old way to run something afterwards."""

    pause_duration: DynamicDuration | None = dynamic(
        None, doc="how long to wait; without it, until it is resumed"
    )
    delay: DynamicDuration | None = dynamic(None, doc="the old name of `pauseDuration`")
    behavior: str = dynamic("RESUME", doc="what follows `pauseDuration`: RESUME, WARN, FAIL or CANCEL")


class Resumed(BaseModel):
    by: str | None = None
    """Who resumed it. Absent if it resumed by itself."""
    on: str
    """When."""
    to: str
    """The state that it gave to the task."""


class PauseOutputs(BaseModel):
    onResume: JsonObject  # noqa: N815 - as expressions write it
    """The values of the inputs that were asked for."""
    resumed: Resumed


@dataclass(frozen=True, slots=True)
class Compiled:
    span: Span | None
    behaviour: Template
    """Text of one of the words in ``behavior``."""


def compiled(properties: Pause) -> Compiled:
    duration = properties.pause_duration if properties.pause_duration is not None else properties.delay
    return Compiled(span_of(duration), compile_template(properties.behavior))


def opening(compiled: Compiled, rendering: Rendering) -> Opening:
    if compiled.span is None:
        timeout = rendering.timeout
        if timeout is None:
            return Opening(pause=Wait())
        return Opening(pause=Wait(milliseconds_of(timeout, rendering), State.FAILED))
    word = rendering.text(compiled.behaviour).strip().upper()
    if word not in _BECOMES:
        raise RenderingFailed(f"`behavior` must be one of {', '.join(_BECOMES)}, not `{word}`")
    return Opening(pause=Wait(milliseconds_of(compiled.span, rendering), _BECOMES[word]))


PAUSE: FlowableType[Compiled] = FlowableType(
    name="io.kestra.plugin.core.flow.Pause",
    title="Wait until somebody resumes it, or for a time",
    properties=Pause,
    aliases=("io.kestra.core.tasks.flows.Pause",),
    outputs=PauseOutputs,
    examples=(
        """id: approval
type: io.kestra.plugin.core.flow.Pause
onResume:
  - id: reason
    type: STRING""",
        """id: an_hour
type: io.kestra.plugin.core.flow.Pause
pauseDuration: PT1H""",
    ),
    slots={ON_PAUSE: Slot("one"), "onResume": Slot("inputs"), "tasks": Slot(), **TAIL},
    compile=compiled,
    opening=opening,
    following=following,
    own_timeout=True,
)
