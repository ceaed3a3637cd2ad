"""``core.execution.SetVariables``: change variables for the rest of the execution."""

from __future__ import annotations

from typing import Any

from contracts.language.types.property import Properties, dynamic, static
from contracts.language.types.pure import PureTask, Result, Update
from contracts.scalars import JsonObject


class SetVariables(Properties):
    """Sets variables of the execution, which the tasks after it read as `vars`. Maps are merged, everything else is replaced."""

    variables: dict[str, Any] = dynamic(doc="names and values")
    overwrite: bool = static(
        default=True, doc="whether present values may be replaced; otherwise the task fails"
    )


def decide(task: SetVariables) -> Result:
    def change(present: JsonObject) -> JsonObject:
        return _merged(present, task.variables, "", overwrite=task.overwrite)

    return Result(update=Update(variables=change))


def _merged(present: JsonObject, new: JsonObject, path: str, *, overwrite: bool) -> JsonObject:
    found = dict(present)
    for key, value in new.items():
        here = found.get(key)
        if isinstance(here, dict) and isinstance(value, dict):
            found[key] = _merged(here, value, f"{path}{key}.", overwrite=overwrite)
        elif key in found and not overwrite:
            raise ValueError(f"Variable `{path}{key}` exists already, and `overwrite` is false")
        else:
            found[key] = value
    return found


SET_VARIABLES = PureTask(
    name="io.kestra.plugin.core.execution.SetVariables",
    title="Set variables of the execution",
    properties=SetVariables,
    decide=decide,
    updates=True,
    examples=(
        'id: remember\ntype: io.kestra.plugin.core.execution.SetVariables\nvariables:\n  day: "{{ now() }}"',
    ),
)
