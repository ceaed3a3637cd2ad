"""``core.flow.Dag``: each task begins when all tasks that it depends on have ended."""

from __future__ import annotations

from contracts.language.types.behaviour import Group, N, Next
from contracts.language.types.declaration import TAIL, FlowableType, Slot
from contracts.language.types.flowable.child_failure import SideBySide, on_failure, opening, together
from contracts.language.types.flowable.limit import most
from contracts.states import ENDED


class Dag(SideBySide):
    """Runs tasks in the order of their dependencies, side by side where these allow it. A dependency that is disabled does
    not count. After a failure no further task begins, and those that run are stopped or awaited."""


def compiled(properties: Dag) -> Dag:
    return properties


def following(compiled: Dag, group: Group, main: tuple[N, ...]) -> Next[N] | None:
    limit = most(compiled.concurrent, group)
    if limit and group.open >= limit:
        return None
    runs = group.runs
    there = {node.id for node in main}
    for node in main:
        if node.id not in runs and all(_is_over(each, group) for each in node.depends_on if each in there):
            return Next(node)
    return None


def _is_over(task_id: str, group: Group) -> bool:
    run = group.runs.get(task_id)
    return run is not None and run.state in ENDED


DAG = FlowableType(
    name="io.kestra.plugin.core.flow.Dag",
    title="Run tasks in the order of their dependencies",
    properties=Dag,
    aliases=("io.kestra.core.tasks.flows.Dag",),
    examples=(
        """id: graph
type: io.kestra.plugin.core.flow.Dag
tasks:
  - task:
      id: load
      type: io.kestra.plugin.core.log.Log
      message: load
  - task:
      id: report
      type: io.kestra.plugin.core.log.Log
      message: report
    dependsOn: [load]""",
    ),
    slots={"tasks": Slot("dag", required=True), **TAIL},
    compile=compiled,
    opening=opening,
    following=following,
    together=together,
    on_failure=on_failure,
    side_by_side=True,
)
