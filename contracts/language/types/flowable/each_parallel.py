"""``core.flow.EachParallel``: the old form of ForEach in which every task of every value runs at the same time."""

from __future__ import annotations

from contracts.language.types.behaviour import Group, N, Next
from contracts.language.types.declaration import TAIL, FlowableType, Slot
from contracts.language.types.flowable.each import Each, each_of, in_order, opening
from contracts.language.types.flowable.limit import Limit, most
from contracts.language.types.property import Properties, dynamic


class EachParallel(Properties):
    """Runs all its tasks for all values side by side. The tasks of one value do not wait for each other."""

    value: list[object] | str = dynamic(doc="a list, or an expression that gives a JSON array or object")
    concurrent: Limit = dynamic(0, doc="most tasks at once; 0 = all")


def compiled(properties: EachParallel) -> Each:
    return each_of(properties.value, properties.concurrent)


def following(compiled: Each, group: Group, main: tuple[N, ...]) -> Next[N] | None:
    loop = group.loop
    assert loop is not None
    limit = most(compiled.limit, group)
    if not main or (limit and loop.open >= limit):
        return None
    last = loop.begun - 1
    step = loop.reached.get(last, len(main)) + 1
    if step < len(main):
        return Next(main[step], loop.values[last], last)
    if loop.begun < len(loop.values):
        return Next(main[0], loop.values[loop.begun], loop.begun)
    return None


EACH_PARALLEL = FlowableType(
    name="io.kestra.plugin.core.flow.EachParallel",
    title="Run tasks for each value, all at once",
    properties=EachParallel,
    aliases=("io.kestra.core.tasks.flows.EachParallel",),
    deprecated_by="io.kestra.plugin.core.flow.ForEach",
    examples=(
        """id: for_each_city
type: io.kestra.plugin.core.flow.EachParallel
value: [Berlin, Paris]
tasks:
  - id: greet
    type: io.kestra.plugin.core.log.Log
    message: Hello, {{ taskrun.value }}!""",
    ),
    slots={"tasks": Slot(required=True), **TAIL},
    compile=compiled,
    opening=opening,
    following=following,
    in_order=in_order,
    side_by_side=True,
)
