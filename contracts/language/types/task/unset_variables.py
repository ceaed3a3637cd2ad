"""``core.execution.UnsetVariables``: remove variables for the rest of the execution."""

from __future__ import annotations

from contracts.language.types.property import Properties, dynamic, static
from contracts.language.types.pure import PureTask, Result, Update
from contracts.scalars import JsonObject


class UnsetVariables(Properties):
    """Removes variables of the execution. A name with dots is a path into a map."""

    variables: list[str] = dynamic(doc="names or paths")
    ignore_missing: bool = static(default=False, doc="whether a name that does not exist is no failure")


def decide(task: UnsetVariables) -> Result:
    def change(present: JsonObject) -> JsonObject:
        for name in task.variables:
            present = _without(present, name.split("."), name, ignore=task.ignore_missing)
        return present

    return Result(update=Update(variables=change))


def _without(present: JsonObject, path: list[str], name: str, *, ignore: bool) -> JsonObject:
    head, *rest = path
    below = present.get(head)
    if head not in present or (rest and not isinstance(below, dict)):
        if ignore:
            return present
        raise ValueError(f"Variable `{name}` does not exist")
    if rest and isinstance(below, dict):
        return {**present, head: _without(below, rest, name, ignore=ignore)}
    return {key: value for key, value in present.items() if key != head}


UNSET_VARIABLES = PureTask(
    name="io.kestra.plugin.core.execution.UnsetVariables",
    title="Remove variables of the execution",
    properties=UnsetVariables,
    decide=decide,
    updates=True,
    examples=("id: forget\ntype: io.kestra.plugin.core.execution.UnsetVariables\nvariables: [day]",),
)
