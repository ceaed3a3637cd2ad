"""The variables of one task run's templates (docs/language/expressions.md#variables), reduced to those that they
read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from contracts.execution import Iteration
from contracts.language.flow.variables import nested_labels, put
from contracts.scalars import JsonObject, to_iso
from contracts.work import OutputReference
from services.executor.executions.blueprint import Prepared
from services.executor.executions.state import Execution, TaskRun, ancestors, loop_values
from services.executor.executions.turn import Turn

TENANT = "main"
MOST_ERRORS = 100


def variables_of(
    turn: Turn, prepared: Prepared, run: TaskRun, attempts: int = 0
) -> tuple[JsonObject, list[OutputReference]]:
    """Return the variables, and the places in them of large outputs that are in internal storage."""
    execution = turn.execution
    variables: JsonObject = {
        "execution": execution_variables(execution),
        "flow": flow_variables(execution.namespace, execution.flow_id, execution.revision),
        "task": {"id": run.task_id, "type": prepared.node.task.type},
        "taskrun": taskrun_variables(run, attempts),
    }
    needs = prepared.needs
    references: list[OutputReference] = []
    if needs is None or "outputs" in needs:
        some = needs["outputs"] if needs is not None else None
        own_levels = prepared.own_levels if some is not None else {}
        names = some if some is not None else all_names(execution)
        variables["outputs"] = outputs_of(execution, names, references, own_levels, run)
    if needs is None or "tasks" in needs:
        names = execution.by_task if needs is None or needs["tasks"] is None else needs["tasks"]
        variables["tasks"] = _states_of(execution, names)
    if needs is None or "errorLogs" in needs:
        variables["errorLogs"] = _errors_of(execution)
    if run.parent is not None and (needs is None or "parent" in needs or "parents" in needs):
        _add_parents(variables, run)
    _add_flow_wide(turn, variables, needs)
    return variables, references


def whole_of(
    turn: Turn, needs: Mapping[str, frozenset[str] | None] | None = None
) -> tuple[JsonObject, list[OutputReference]]:
    """Return the variables of the flow's own templates, all but a task, and the places in them of large outputs in storage."""
    execution = turn.execution
    variables: JsonObject = {
        "execution": execution_variables(execution),
        "flow": flow_variables(execution.namespace, execution.flow_id, execution.revision),
    }
    references: list[OutputReference] = []
    if needs is None or "outputs" in needs:
        names = all_names(execution) if needs is None or needs["outputs"] is None else needs["outputs"]
        variables["outputs"] = outputs_of(execution, names, references, {}, None)
    if needs is None or "tasks" in needs:
        names = execution.by_task if needs is None or needs["tasks"] is None else needs["tasks"]
        variables["tasks"] = _states_of(execution, names)
    _add_flow_wide(turn, variables, needs)
    return variables, references


def _errors_of(execution: Execution) -> list[JsonObject]:
    """Return the lines of level ERROR of all task runs, the latest ones."""
    found = [
        {
            "taskId": run.task_id,
            "taskRunId": run.id,
            "level": "ERROR",
            "timestamp": to_iso(line.at),
            "message": line.message,
        }
        | ({"value": run.value} if run.value is not None else {})
        for run in execution.runs.values()
        for line in run.errors
    ]
    return found[-MOST_ERRORS:]


def flow_variables(namespace: str, flow_id: str, revision: int) -> JsonObject:
    return {"id": flow_id, "namespace": namespace, "revision": revision, "tenantId": TENANT}


def execution_variables(execution: Execution) -> JsonObject:
    """Return ``execution``. In a loop it is the execution around all loops, which a user knows, in the state of the iteration."""
    around = execution.parent.iteration if execution.parent is not None else None
    if around is not None and around.execution:
        return {**around.execution, "state": execution.state.value}
    found: JsonObject = {
        "id": execution.id,
        "startDate": to_iso(execution.created_at),
        "originalId": execution.original_id or execution.id,
        "state": execution.state.value,
    }
    if execution.ended:
        found["outputs"] = execution.outputs
    return found


def taskrun_variables(run: TaskRun, attempts: int) -> JsonObject:
    found: JsonObject = {"id": run.id, "startDate": to_iso(run.created_at), "attemptsCount": attempts}
    if run.parent is not None:
        found["parentId"] = run.parent.id
    if run.value is not None:
        found["value"] = run.value
    if run.iteration is not None:
        found["iteration"] = run.iteration
    elif number := run.round or (run.parent.round if run.parent is not None else 0):
        found["iteration"] = number - 1
    return found


def _add_parents(variables: JsonObject, run: TaskRun) -> None:
    """Add the ancestors that have a value or outputs. An entry has only the parts that exist."""
    parents: list[JsonObject] = []
    for parent in ancestors(run):
        entry: JsonObject = {}
        if parent.value is not None:
            entry["taskrun"] = {"value": parent.value}
        if parent.outputs:
            entry["outputs"] = parent.outputs
        if entry:
            parents.append(entry)
    if parents:
        variables["parents"] = parents
        variables["parent"] = parents[0]


def _add_flow_wide(turn: Turn, variables: JsonObject, needs: Mapping[str, Any] | None) -> None:
    execution = turn.execution
    if needs is None or "inputs" in needs:
        variables["inputs"] = _chosen(execution.inputs, needs, "inputs")
    if execution.parent is not None and execution.parent.iteration is not None:
        variables["item"] = item_of(execution.parent.iteration)
    if needs is None or "labels" in needs:
        variables["labels"] = nested_labels(execution.labels)
    if execution.trigger is not None:
        if needs is None or "trigger" in needs:
            variables["trigger"] = _chosen(execution.trigger.variables, needs, "trigger")
        if (needs is None or "schedule" in needs) and execution.trigger.type.endswith(".Schedule"):
            variables["schedule"] = execution.trigger.variables
    if needs is None or "vars" in needs:
        variables["vars"] = _chosen(variables_of_execution(turn), needs, "vars")
    if needs is None or "envs" in needs:
        variables["envs"] = _chosen(turn.setting.envs, needs, "envs")
    if needs is None or "globals" in needs:
        variables["globals"] = _chosen(turn.setting.globals, needs, "globals")


def all_names(execution: Execution) -> Iterable[str]:
    """Return the ids of all tasks that may have outputs, those before the loop around an iteration too."""
    parent = execution.parent
    before = parent.iteration.outputs if parent is not None and parent.iteration is not None else {}
    return [*before, *(name for name in execution.by_task if name not in before)]


def item_of(iteration: Iteration) -> JsonObject:
    """Return what the tasks of a loop read as ``item``. Its ``parents`` are those of all loops around it, the outermost first."""
    found: JsonObject = {"value": iteration.value, "index": iteration.index}
    if iteration.key is not None:
        found["key"] = iteration.key
    if iteration.parents:
        found |= {"parent": iteration.parents[0], "parents": iteration.parents[::-1]}
    return found


def variables_of_execution(turn: Turn) -> JsonObject:
    """Return those of the flow, unless the execution changed them."""
    own = turn.execution.variables
    return turn.blueprint.variables if own is None else own


def _chosen(all_of: Mapping[str, Any], needs: Mapping[str, Any] | None, head: str) -> JsonObject:
    """Return the named entries, or all of them if everything is needed."""
    names = needs[head] if needs is not None else None
    if names is None:
        return dict(all_of)
    return {name: all_of[name] for name in names if name in all_of}


def outputs_of(
    execution: Execution,
    names: Iterable[str],
    references: list[OutputReference],
    own_levels: Mapping[str, int],
    asking: TaskRun | None,
) -> JsonObject:
    own = loop_values(asking) if asking is not None and own_levels else []
    parent = execution.parent
    before = parent.iteration.outputs if parent is not None and parent.iteration is not None else {}
    found: JsonObject = {name: before[name] for name in names if name in before} if before else {}
    for name in names:
        for run in _runs_of(execution, name, own, own_levels.get(name, 0)):
            if run.outputs or run.outputs_uri is not None:
                path = [name, *loop_values(run)]
                if run.outputs_uri is not None:
                    references.append(OutputReference(["outputs", *path], run.outputs_uri))
                put(found, path, run.outputs)
    return found


def _runs_of(execution: Execution, name: str, own: list[str], levels: int) -> Iterable[TaskRun]:
    """Yield all runs of a task, or only those whose values at the outer ``levels`` are the asking run's own."""
    by_value = execution.by_task.get(name)
    if by_value is None:
        return ()
    if not levels or not own:
        return chain.from_iterable(by_value.values())
    near = [run for value in dict.fromkeys([*own, None]) for run in by_value.get(value, ())]
    return (
        [run for run in near if all(value in own for value in loop_values(run)[:levels])]
        if levels > 1
        else near
    )


def _states_of(execution: Execution, names: Iterable[str]) -> JsonObject:
    found: JsonObject = {}
    for name in names:
        for run in _runs_of(execution, name, [], 0):
            put(found, [name, *loop_values(run)], {"state": run.state.value})
    return found
