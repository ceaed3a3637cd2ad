"""``core.flow.Parallel``: all tasks at once, or ``concurrent`` of them. After a failure that stands, nothing new begins."""

from __future__ import annotations

from contracts.language.types.behaviour import Group, N, Next
from contracts.language.types.declaration import TAIL, FlowableType, Slot
from contracts.language.types.flowable.child_failure import SideBySide, on_failure, opening, together
from contracts.language.types.flowable.limit import most


class Parallel(SideBySide):
    """Runs its tasks side by side. After a failure no further task begins, and those that run are stopped or awaited."""


def compiled(properties: Parallel) -> Parallel:
    return properties


def following(compiled: Parallel, group: Group, main: tuple[N, ...]) -> Next[N] | None:
    limit = most(compiled.concurrent, group)
    if limit and group.open >= limit:
        return None
    runs = group.runs
    for node in main:
        if node.id not in runs:
            return Next(node)
    return None


PARALLEL = FlowableType(
    name="io.kestra.plugin.core.flow.Parallel",
    title="Run tasks side by side",
    properties=Parallel,
    aliases=("io.kestra.core.tasks.flows.Parallel",),
    examples=(
        """id: at_once
type: io.kestra.plugin.core.flow.Parallel
concurrent: 2
tasks:
  - id: one
    type: io.kestra.plugin.core.log.Log
    message: one
  - id: other
    type: io.kestra.plugin.core.log.Log
    message: other""",
    ),
    slots={"tasks": Slot(required=True), **TAIL},
    compile=compiled,
    opening=opening,
    following=following,
    together=together,
    on_failure=on_failure,
    side_by_side=True,
)
