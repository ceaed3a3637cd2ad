"""``core.flow.Sequential``: one task after another, until one does not end well. The execution itself behaves like it."""

from __future__ import annotations

from contracts.language.types.behaviour import NOTHING, Group, N, Next, Opening, Rendering
from contracts.language.types.declaration import TAIL, FlowableType, Slot
from contracts.language.types.property import Properties
from contracts.states import ENDED_WELL


class Sequential(Properties):
    """Runs its tasks one after another. The first that fails ends it; `errors` and `finally` then run."""


def compiled(properties: Sequential) -> Sequential:
    return properties


def opening(compiled: object, rendering: Rendering) -> Opening:  # noqa: ARG001 - one signature for all kinds
    return NOTHING


def following(compiled: object, group: Group, main: tuple[N, ...]) -> Next[N] | None:  # noqa: ARG001
    runs = group.runs
    for node in main:
        run = runs.get(node.id)
        if run is None:
            return Next(node)
        if run.state not in ENDED_WELL:
            return None
    return None


SEQUENTIAL = FlowableType(
    name="io.kestra.plugin.core.flow.Sequential",
    title="Run tasks one after another",
    properties=Sequential,
    aliases=("io.kestra.core.tasks.flows.Sequential",),
    examples=(
        """id: in_order
type: io.kestra.plugin.core.flow.Sequential
tasks:
  - id: first
    type: io.kestra.plugin.core.log.Log
    message: first
  - id: second
    type: io.kestra.plugin.core.log.Log
    message: then this""",
    ),
    slots={"tasks": Slot(required=True), **TAIL},
    compile=compiled,
    opening=opening,
    following=following,
)
