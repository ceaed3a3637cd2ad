"""``core.flow.EachSequential``: the old form of ForEach, one value after another."""

from __future__ import annotations

from contracts.language.types.declaration import TAIL, FlowableType, Slot
from contracts.language.types.flowable.each import Each, each_of, following, opening
from contracts.language.types.property import Properties, dynamic


class EachSequential(Properties):
    """Runs its tasks once for each value, one value after another."""

    value: list[object] | str = dynamic(doc="a list, or an expression that gives a JSON array or object")


def compiled(properties: EachSequential) -> Each:
    return each_of(properties.value, 1)


EACH_SEQUENTIAL = FlowableType(
    name="io.kestra.plugin.core.flow.EachSequential",
    title="Run tasks for each value, one after another",
    properties=EachSequential,
    aliases=("io.kestra.core.tasks.flows.EachSequential",),
    deprecated_by="io.kestra.plugin.core.flow.ForEach",
    examples=(
        """id: for_each_city
type: io.kestra.plugin.core.flow.EachSequential
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
)
