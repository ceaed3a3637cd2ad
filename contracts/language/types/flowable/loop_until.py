"""``core.flow.LoopUntil`` and its old form WaitFor: its tasks run again and again, until a condition is true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from contracts.language.expression.template import Template, compile_template, is_truthy
from contracts.language.types.behaviour import Again, Deadline, Opening, Over, Rendering, Round, Verdict
from contracts.language.types.declaration import TAIL, FlowableType, Slot
from contracts.language.types.flowable.sequential import following
from contracts.language.types.flowable.span import Span, milliseconds_of, span_of
from contracts.language.types.property import DynamicDuration, Properties, dynamic, static
from contracts.states import State


def _as_text(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


class CheckFrequency(Properties):
    """How often the tasks run, and until when."""

    max_iterations: int | None = dynamic(None, doc="most rounds", ge=1)
    max_duration: DynamicDuration | None = dynamic(
        None, doc="no longer than this after the first round began; a round that still runs is stopped"
    )
    interval: DynamicDuration | None = dynamic(None, doc="the wait between two rounds")


class LoopUntil(Properties):
    """Runs its tasks, and then again until the condition is true. Only the task runs and outputs of the last round stay.

    Between two rounds the execution is PAUSED. Without limits it goes on for ever."""

    condition: Annotated[str, BeforeValidator(_as_text)] = dynamic(
        doc="an expression, rendered after each round; true ends the loop"
    )
    check_frequency: CheckFrequency = dynamic(
        CheckFrequency(), doc="`interval` (PT1M), `maxIterations` and `maxDuration` (no limits)"
    )
    fail_on_max_reached: bool = static(default=False, doc="whether the task fails at a limit")


class WaitFor(Properties):
    """Runs its tasks, and then again until the condition is true. It is the old form of LoopUntil.

    The execution stays RUNNING between two rounds."""

    condition: Annotated[str, BeforeValidator(_as_text)] = dynamic(
        doc="an expression, rendered after each round; true ends the loop"
    )
    check_frequency: CheckFrequency = dynamic(
        CheckFrequency(), doc="`interval` (PT1S), `maxIterations` (100) and `maxDuration` (PT1H)"
    )
    fail_on_max_reached: bool = static(default=False, doc="whether the task fails at a limit")


class LoopOutputs(BaseModel):
    iterationCount: int = Field(ge=1)  # noqa: N815 - as expressions write it
    """The number of the last round, from 1."""


@dataclass(frozen=True, slots=True)
class Compiled:
    condition: Template
    interval: Span
    most: int | None
    duration: Span | None
    fails: bool
    paused: bool


def compiled(properties: LoopUntil) -> Compiled:
    often = properties.check_frequency
    return Compiled(
        compile_template(properties.condition),
        _or(often.interval, timedelta(minutes=1)),
        often.max_iterations,
        span_of(often.max_duration),
        properties.fail_on_max_reached,
        paused=True,
    )


def compiled_old(properties: WaitFor) -> Compiled:
    often = properties.check_frequency
    return Compiled(
        compile_template(properties.condition),
        _or(often.interval, timedelta(seconds=1)),
        often.max_iterations or 100,
        _or(often.max_duration, timedelta(hours=1)),
        properties.fail_on_max_reached,
        paused=False,
    )


def _or(written: timedelta | str | None, default: timedelta) -> Span:
    found = span_of(written)
    return default if found is None else found


def opening(compiled: Compiled, rendering: Rendering) -> Opening:
    deadline = None
    if compiled.duration is not None:
        state = State.FAILED if compiled.fails else State.SUCCESS
        deadline = Deadline(milliseconds_of(compiled.duration, rendering), state, "`maxDuration` is over")
    return Opening({"iterationCount": 1}, deadline=deadline)


def after_round(compiled: Compiled, rendering: Rendering, done: Round) -> Verdict:
    if is_truthy(rendering.text(compiled.condition).strip()):
        return Over()
    wait = milliseconds_of(compiled.interval, rendering)
    limit = milliseconds_of(compiled.duration, rendering) if compiled.duration is not None else None
    reached = compiled.most is not None and done.number >= compiled.most
    if reached or (limit is not None and done.elapsed_ms + wait >= limit):
        return Over(State.FAILED if compiled.fails else State.SUCCESS)
    return Again(wait, compiled.paused)


LOOP_UNTIL: FlowableType[Compiled] = FlowableType(
    name="io.kestra.plugin.core.flow.LoopUntil",
    title="Repeat tasks until a condition is true",
    properties=LoopUntil,
    outputs=LoopOutputs,
    examples=(
        """id: until_done
type: io.kestra.plugin.core.flow.LoopUntil
condition: "{{ outputs.ask.value == 'done' }}"
checkFrequency:
  interval: PT10S
  maxIterations: 30
tasks:
  - id: ask
    type: io.kestra.plugin.core.debug.Return
    format: done""",
    ),
    slots={"tasks": Slot(required=True), **TAIL},
    compile=compiled,
    opening=opening,
    following=following,
    after_round=after_round,
)
WAIT_FOR: FlowableType[Compiled] = FlowableType(
    name="io.kestra.plugin.core.flow.WaitFor",
    title="Repeat tasks until a condition is true (old form)",
    properties=WaitFor,
    aliases=("io.kestra.core.tasks.flows.WaitFor",),
    deprecated_by="io.kestra.plugin.core.flow.LoopUntil",
    examples=(
        """id: until_done
type: io.kestra.plugin.core.flow.WaitFor
condition: "{{ outputs.ask.value == 'done' }}"
tasks:
  - id: ask
    type: io.kestra.plugin.core.debug.Return
    format: done""",
    ),
    outputs=LoopOutputs,
    slots={"tasks": Slot(required=True), **TAIL},
    compile=compiled_old,
    opening=opening,
    following=following,
    after_round=after_round,
)
