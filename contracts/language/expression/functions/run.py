"""Functions about the present run: outputs of iterations, task runs by state (docs/language/expressions.md#outputs)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.language.expression.budget import PER_ELEMENT, PER_ENTRY
from contracts.language.expression.errors import ExpressionError, UndefinedVariable
from contracts.language.expression.frame import Frame
from contracts.language.expression.vocabulary import ABSENT, Word, integer_of, list_of, text_of, word_of


def _current_each_output(frame: Frame, outputs: Any) -> Any:
    """Return a sibling's outputs of the same iteration, at any depth of loops."""
    values = [p["taskrun"]["value"] for p in reversed(_parents(frame)) if "value" in p.get("taskrun", {})]
    task_run = frame.variables.get("taskrun")
    if isinstance(task_run, Mapping) and task_run.get("value") is not None:
        values.append(task_run["value"])
    found = outputs
    for value in values:
        if not isinstance(found, Mapping) or value not in found:
            raise UndefinedVariable(f"Unable to find the outputs of iteration `{value}`")
        found = found[value]
    return found


def _current_output(frame: Frame, outputs: Any) -> Any:
    return _current_each_output(frame, outputs)


def _iteration_output(frame: Frame, task_id: object = None, iteration: object = None) -> Any:
    """Return the output ``value`` of a task in an iteration of the same loop. None if the task has no outputs here."""
    run = frame.variables.get("taskrun")
    own = run.get("iteration") if isinstance(run, Mapping) else None
    if not isinstance(own, int):
        raise ExpressionError("`iterationOutput` is for tasks within a loop")
    number = own - 1 if iteration is None else integer_of(iteration, "`iterationOutput`")
    if number < 0:
        raise ExpressionError(f"`iterationOutput`: there is no iteration {number}")
    task = frame.variables.get("task")
    name = task_id if task_id is not None else task.get("id") if isinstance(task, Mapping) else None
    found = frame.variables.get("outputs")
    around = [p["taskrun"]["value"] for p in reversed(_parents(frame)) if "value" in p.get("taskrun", {})]
    for step in (name, *around):
        found = found.get(step) if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping):
        return None
    if number >= len(found):
        raise ExpressionError(
            f"`iterationOutput`: iteration {number} has no outputs yet, the last one that has is {len(found) - 1}"
        )
    outputs = list(found.values())[number]
    return outputs.get("value") if isinstance(outputs, Mapping) else None


def _parents(frame: Frame) -> list[Any]:
    parents = frame.variables.get("parents")
    return parents if isinstance(parents, list) else []


def _tasks_with_state(frame: Frame, state: object) -> list[dict[str, object]]:
    wanted = word_of(state, "`tasksWithState`").upper()
    found: list[dict[str, object]] = []
    tasks = frame.variables.get("tasks")
    for task_id, entry in tasks.items() if isinstance(tasks, Mapping) else ():
        if "state" in entry and not isinstance(entry["state"], Mapping):
            if entry["state"] == wanted:
                found.append({"taskId": task_id, "state": wanted})
            continue
        frame.budget.charge(2 * PER_ENTRY * len(entry))
        found += [
            {"taskId": task_id, "value": value, "state": wanted}
            for value, inner in entry.items()
            if isinstance(inner, Mapping) and inner.get("state") == wanted
        ]
    return found


def _error_logs(frame: Frame) -> list[Any]:
    found = frame.variables.get("errorLogs")
    return found if isinstance(found, list) else []


def _parent_output(frame: Frame, index: object = ABSENT) -> Any:
    parents = [p for p in _parents(frame) if "outputs" in p]
    if not parents:
        raise UndefinedVariable("There is no parent with outputs")
    at = 0 if index is ABSENT else len(parents) - 1 - integer_of(index, "`parentOutput`")
    if not 0 <= at < len(parents):
        raise ExpressionError(f"`parentOutput`: there are {len(parents)} parents with outputs")
    return parents[at]["outputs"]


def _loop_outputs(frame: Frame, outputs: Any, name: object) -> list[Any]:
    key, items = text_of(name, "`loopOutputs`"), list_of(outputs, "`loopOutputs`")
    frame.budget.charge(PER_ELEMENT * len(items))
    return [_output(item, key) for item in items]


def _output(item: Any, key: str) -> Any:
    outputs = item.get("outputs") if isinstance(item, Mapping) else None
    if not isinstance(outputs, Mapping | None):
        raise ExpressionError("`loopOutputs` needs the outputs of a loop")
    return (outputs or {}).get(key)


RUN = {
    "currentEachOutput": Word(
        _current_each_output,
        ("outputs",),
        1,
        doc="The outputs of another task in the same iteration of the loop. Loops may be nested.",
        example="{{ currentEachOutput(outputs.pull).value }} → eu-data",
    ),
    "currentOutput": Word(
        _current_output,
        ("outputs",),
        1,
        doc="Another name of `currentEachOutput`.",
        example="{{ currentOutput(outputs.pull).value }} → eu-data",
    ),
    "iterationOutput": Word(
        _iteration_output,
        ("taskId", "iteration"),
        doc="The output `value` of a task (this one) in an iteration of the same loop (the one before), counted from 0. Null if the task has none.",
        example="{{ iterationOutput('pull', 0) }} → eu-data",
    ),
    "tasksWithState": Word(
        _tasks_with_state,
        ("state",),
        1,
        doc="The tasks that are in this state: a list of maps with `taskId`, `state` and, in a loop, `value`.",
        example="{{ tasksWithState('FAILED') | length }} → 1",
    ),
    "errorLogs": Word(
        _error_logs,
        (),
        0,
        doc="What task runs of this execution have logged at level ERROR, the last 100 lines: a list of maps with `taskId`, `taskRunId`, `message` and `timestamp`.",
        example="{{ errorLogs() | length }} → 0",
    ),
    "parentOutput": Word(
        _parent_output,
        ("index",),
        doc="The outputs of the nearest parent that has outputs. `index` counts these parents from the outermost, which is 0.",
        example="{{ parentOutput().evaluationResult }} → true",
    ),
    "loopOutputs": Word(
        _loop_outputs,
        ("outputs", "name"),
        2,
        doc="The output `name` of every element of a list of iterations.",
        example="{{ loopOutputs([{'outputs': {'n': 1}}, {'outputs': {'n': 2}}], 'n') }} → [1,2]",
    ),
}
