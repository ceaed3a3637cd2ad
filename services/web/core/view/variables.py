"""The variables for an expression that is evaluated on an execution: those that its tasks saw, as far as web knows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contracts.language.encrypted import MASK, decrypted
from contracts.language.flow.trigger_start import flow_reference
from contracts.language.flow.variables import nested_labels, put
from contracts.scalars import to_iso
from services.web.core.live import Live, LiveTaskRun
from services.web.core.view.page import Json


def variables_of(
    live: Live, written: Mapping[str, object], run: LiveTaskRun | None = None, run_type: str | None = None
) -> Json:
    """``written``: the flow's own variables; ``run``: the task run that asks, of a task of ``run_type``. Outputs that stand in
    internal storage are absent, and what is encrypted is asterisks; so are ``envs`` and ``globals``, which only the executor knows."""
    found: Json = {
        **flow_reference(live.namespace, live.flow_id, live.revision),
        "execution": _execution(live),
        "inputs": live.inputs,
        "labels": nested_labels(live.labels),
        "vars": dict(written),
        "outputs": {},
        "tasks": {},
    }
    for each in live.task_runs.values():
        path = [each.task_id, *_loop_values(live, each)]
        put(found["tasks"], path, {"state": each.state.value})
        if each.outputs:
            put(found["outputs"], path, each.outputs)
    if live.trigger is not None:
        found["trigger"] = live.trigger.variables
        if live.trigger.type.endswith(".Schedule"):
            found["schedule"] = live.trigger.variables
    if run is not None:
        found |= _of_run(live, run, run_type)
    return decrypted(found, lambda _: MASK)


def _execution(live: Live) -> Json:
    found: Json = {
        "id": live.id,
        "startDate": to_iso(live.histories[0].at),
        "originalId": live.original_id or live.id,
        "state": live.state.value,
    }
    return {**found, "outputs": live.outputs} if live.ended else found


def _of_run(live: Live, run: LiveTaskRun, run_type: str | None) -> Json:
    task = {"id": run.task_id} if run_type is None else {"id": run.task_id, "type": run_type}
    own: Json = {"id": run.id, "startDate": to_iso(run.histories[0].at), "attemptsCount": len(run.attempts)}
    for name, value in (("parentId", run.parent_id), ("value", run.value), ("iteration", run.iteration)):
        if value is not None:
            own[name] = value
    found: Json = {"task": task, "taskrun": own}
    parents = [entry for parent in _ancestors(live, run) if (entry := _parent(parent))]
    if parents:
        found |= {"parents": parents, "parent": parents[0]}
    return found


def _parent(run: LiveTaskRun) -> Json:
    """The value and the outputs, if it has them."""
    entry: Json = {} if run.value is None else {"taskrun": {"value": run.value}}
    return {**entry, "outputs": run.outputs} if run.outputs else entry


def _loop_values(live: Live, run: LiveTaskRun) -> list[str]:
    """The values from the outermost loop to the run's own."""
    values = [each.value for each in (run, *_ancestors(live, run)) if each.value is not None]
    return values[::-1]


def _ancestors(live: Live, run: LiveTaskRun) -> Iterator[LiveTaskRun]:
    """The run's parents, closest first."""
    parent = live.task_runs.get(run.parent_id or "")
    while parent is not None:
        yield parent
        parent = live.task_runs.get(parent.parent_id or "")
