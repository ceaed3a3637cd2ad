"""Child executions of a flowable: starts them, one for each of its values, and ends the run when they are over.

Parent and child know each other by messages only. A child's id is derived, so a repeated start is one child. It tells its end with
``ChildEnded``. A kill of the parent kills those that are awaited, and waits for their ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from contracts.codec import encode
from contracts.execution import (
    ChildState,
    ExecutionRecord,
    Iteration,
    ParentRef,
    RestartExecution,
    ResumeExecution,
    StartExecution,
    TaskRunEnded,
    TaskRunRecord,
    TaskRunRetrying,
    TriggerRef,
)
from contracts.language.flow.input import resolve_inputs
from contracts.language.flow.plan import Node
from contracts.language.types.behaviour import ChildEnd, ChildFlow, Pause, RenderingFailed
from contracts.language.types.declaration import Children
from contracts.language.types.flowable.loop import Item, loop_item
from contracts.scalars import JsonObject, derive_id
from contracts.states import State
from services.executor.executions.blueprint import Blueprint
from services.executor.executions.evaluation import close
from services.executor.executions.event import (
    ChildBegun,
    ChildHeld,
    ChildOver,
    EndUndecided,
    FamilyStopped,
    FamilyWaits,
)
from services.executor.executions.outcome import mapped
from services.executor.executions.rendering.question import AnswerNeeded
from services.executor.executions.rendering.template import RunRendering, scope_of
from services.executor.executions.rendering.variables import (
    all_names,
    execution_variables,
    item_of,
    outputs_of,
    taskrun_variables,
    whole_of,
)
from services.executor.executions.retry import NewExecution, NoRetry, retry_of
from services.executor.executions.state import Family, TaskRun
from services.executor.executions.termination import drop_deadline, kill_children
from services.executor.executions.turn import Turn, cut
from services.executor.executions.values import Written, opened, size_of
from services.executor.executions.waiting import pause_run, resume_run

MOST_CHILDREN = 200
"""The most children of a run at once. A kill ends all of them in one step."""
MOST_DEPTH = 100
"""How deep executions may start each other. A flow that runs itself ends there."""
OUTPUT_BYTES = 256 * 1024
SUBFLOW = "io.kestra.plugin.core.flow.Subflow"
CORRELATION = "system.correlationId"


def open_family(turn: Turn, run: TaskRun, values: Written) -> None:
    turn.weigh(size_of(values))
    for event in opened(turn.execution.id, run.id, values, None):
        turn.note(event)


def kept_families(
    blueprint: Blueprint | None, runs: list[TaskRunRecord], children: list[ChildState]
) -> set[str]:
    """Return the runs whose children a restart takes up again: all of these are known, without a gap."""
    if blueprint is None:
        return set()
    indexes: dict[str, set[int]] = {}
    for child in children:
        indexes.setdefault(child.task_run_id, set()).add(child.index)
    found = set()
    for run in runs:
        node = blueprint.plan.nodes.get(run.task_id)
        kind = node.flowable.children if node is not None and node.flowable is not None else None
        known = indexes.get(run.id, set())
        if node is None or kind is None or not known or known != set(range(len(known))):
            continue
        if kind.keeps(node.compiled) and kind.waits(node.compiled):
            found.add(run.id)
    return found


def let_family_wait(turn: Turn, run: TaskRun, children: list[ChildState]) -> None:
    """Keep the children of a restarted run until a worker has rendered its values. An empty list forgets them."""
    own = [child for child in children if child.task_run_id == run.id]
    turn.weigh(len(encode(own)))
    turn.note(FamilyWaits(execution_id=turn.execution.id, task_run_id=run.id, children=own))


def waiting_children(run: TaskRun) -> list[ChildState]:
    """Return the children of before a restart that wait for the values of their flowable."""
    family = run.children.family if run.children is not None else None
    return family.waiting if family is not None else []


def reopen_family(turn: Turn, run: TaskRun, values: Written, children: list[ChildState]) -> None:
    """Take up the children of a restarted run. Those that did not end well are restarted, too."""
    open_family(turn, run, values)
    count = len(_family(run).values)
    latest = {
        child.index: child for child in children if child.task_run_id == run.id
    }  # a retry has the same index
    for _, child in sorted(latest.items()):
        if child.index >= count:
            continue
        names: dict[str, Any] = {
            "execution_id": turn.execution.id,
            "task_run_id": run.id,
            "index": child.index,
            "child_id": child.id,
        }
        turn.note(ChildBegun(**names))
        if child.record is None:
            turn.note(ChildOver(**names, state=child.state, outputs=child.outputs))
            continue
        record = _of_this_attempt(child.record, run)
        command = RestartExecution(execution_id=child.id, at=turn.at, record=record)
        turn.weigh(len(encode(command)))
        turn.send("executions.commands", child.id, command)


def _of_this_attempt(record: ExecutionRecord, run: TaskRun) -> ExecutionRecord:
    if record.parent is None:
        return record
    parent = msgspec.structs.replace(record.parent, attempt=run.attempt + 1)
    return msgspec.structs.replace(record, parent=parent)


def next_child(run: TaskRun, node: Node) -> bool:
    """Return whether another child is to begin now."""
    family, kind = _family(run), _kind(node)
    assert run.children is not None
    given = run.children.limit
    limit = min((kind.limit(node.compiled) if given is None else given) or MOST_CHILDREN, MOST_CHILDREN)
    return not family.stopped and family.begun < len(family.values) and len(family.open) < limit


def begin_child(turn: Turn, run: TaskRun, node: Node) -> None:
    """Start the next child. If that cannot be, nothing more begins, and the run will fail."""
    turn.budget -= 1
    family, kind = _family(run), _kind(node)
    index = family.begun
    names: dict[str, Any] = {"execution_id": turn.execution.id, "task_run_id": run.id, "index": index}
    try:
        start = _start(turn, run, node, index)
    except RenderingFailed as failure:
        reason = cut(str(failure))
        turn.note(FamilyStopped(execution_id=turn.execution.id, task_run_id=run.id, reason=reason))
        return
    size = len(encode(start))
    turn.make_room(size)
    turn.weigh(size)
    waits = kind.waits(node.compiled)
    turn.note(ChildBegun(**names, child_id=start.execution_id, awaited=waits))
    turn.send("executions.admitted", start.execution_id, start)
    if not waits:
        turn.note(ChildOver(**names, child_id=start.execution_id, state=State.SUCCESS))


def child_is_over(turn: Turn, run: TaskRun, node: Node, end: ChildEnd) -> None:
    """Note the end of a child, and whether it stops the others."""
    turn.weigh(len(encode(end.outputs)))
    names: dict[str, Any] = {"execution_id": turn.execution.id, "task_run_id": run.id}
    if end.index in _family(run).held:
        child_is_held(turn, run, end.index, held=False)
    turn.note(ChildOver(**names, index=end.index, child_id=end.id, state=end.state, outputs=end.outputs))
    kind, family = _kind(node), _family(run)
    if kind.stops_others(node.compiled, end):
        if not family.stopped:
            turn.note(FamilyStopped(**names))
            kill_children(turn, run)
    elif not family.stopped:
        try:
            _judge(turn, run, node, end)
        except AnswerNeeded:
            turn.note(EndUndecided(**names, index=end.index, undecided=True))
    turn.look_at(run)


def _judge(turn: Turn, run: TaskRun, node: Node, end: ChildEnd) -> None:
    """Let nothing more begin if this end says so. Raise AnswerNeeded if only a worker can tell."""
    try:
        stops = _kind(node).stops(node.compiled, RunRendering(turn, node, run, _seen(end)), end)
        reason = ""
    except RenderingFailed as failure:
        stops, reason = True, cut(str(failure))
    if stops:
        turn.note(FamilyStopped(execution_id=turn.execution.id, task_run_id=run.id, reason=reason))


def judge_undecided(turn: Turn, run: TaskRun, node: Node) -> None:
    """Decide on the ends that needed a worker, in their order. Raise AnswerNeeded for the first that still does."""
    family = _family(run)
    for index in list(family.undecided):
        if not family.stopped:
            _judge(turn, run, node, next(end for end in reversed(family.ends) if end.index == index))
        turn.note(
            EndUndecided(execution_id=turn.execution.id, task_run_id=run.id, index=index, undecided=False)
        )


def child_is_held(turn: Turn, run: TaskRun, index: int, *, held: bool) -> None:
    """A child was paused, or goes on. While one is, the run is PAUSED, and the execution with it."""
    family = _family(run)
    if (index in family.held) is held:
        return
    turn.note(ChildHeld(execution_id=turn.execution.id, task_run_id=run.id, index=index, held=held))
    if held and run.state is State.RUNNING:
        pause_run(turn, run, Pause())
    elif not family.held and run.state is State.PAUSED:
        resume_run(turn, run, State.SUCCESS, {})


def resume_child(turn: Turn, run: TaskRun, command: ResumeExecution) -> None:
    """Let the first paused child go on. It tells when it does."""
    family = _family(run)
    child_id = family.open.get(min(family.held, default=-1))
    if child_id is not None:
        passed = msgspec.structs.replace(command, execution_id=child_id, at=turn.at)
        turn.send("executions.commands", child_id, passed)


def family_is_over(run: TaskRun) -> bool:
    family = _family(run)
    return not family.open and (family.stopped or family.begun == len(family.values))


def finish_family(turn: Turn, run: TaskRun, node: Node) -> None:
    """End the run with what its children gave. Raise AnswerNeeded if a worker must keep that first."""
    family, kind = _family(run), _kind(node)
    state, outputs, reason = State.FAILED, {}, family.reason
    try:
        result = kind.result(node.compiled, RunRendering(turn, node, run), family.ends, len(family.values))
        state, outputs = result.state, result.outputs
    except RenderingFailed as failure:
        reason = reason or cut(str(failure))
    if len(encode(outputs)) > OUTPUT_BYTES:
        outputs, reason = {}, f"The outputs of the child executions have more than {OUTPUT_BYTES:,} bytes"
    if reason:
        state = State.FAILED
    close(turn, run.id)
    if state is State.FAILED and _tries_again(turn, run, reason):
        return
    drop_deadline(turn, run)
    turn.emit(
        TaskRunEnded,
        task_run_id=run.id,
        state=mapped(state, node),
        attempt=run.attempt + 1 if run.attempt else 0,
        ended_at=turn.at,
        outputs=outputs,
        message=reason,
    )
    if reason:
        turn.log("ERROR", reason, run)
    turn.look_at(run.parent)


def _tries_again(turn: Turn, run: TaskRun, reason: str) -> bool:
    """Return whether the flow runs once more: after a delay with another child, or with another execution of this flow."""
    verdict = retry_of(turn, run, turn.at)
    if isinstance(verdict, NoRetry):
        return False
    if reason:
        turn.log("ERROR", reason, run)
    if isinstance(verdict, NewExecution):
        turn.anew = (run.id, verdict.due)
        return True
    turn.emit(
        TaskRunRetrying,
        task_run_id=run.id,
        attempt=run.attempt + 1,
        outcome="failed",
        ended_at=turn.at,
        next_at=verdict.due,
        message=reason,
    )
    turn.timer(f"retry/{turn.execution.id}/{run.id}", verdict.due)
    return True


def _family(run: TaskRun) -> Family:
    assert run.children is not None
    assert run.children.family is not None
    return run.children.family


def _kind(node: Node) -> Children[Any]:
    assert node.flowable is not None
    assert node.flowable.children is not None
    return node.flowable.children


def _seen(end: ChildEnd) -> Mapping[str, Any]:
    found = loop_item(end.value) if end.value else Item("")
    item: JsonObject = {"value": found.value, "index": end.index}
    if found.key is not None:
        item["key"] = found.key
    iteration = {"executionId": end.id, "state": end.state.value, "outputs": end.outputs}
    return {"item": item, "iteration": iteration}


def _start(turn: Turn, run: TaskRun, node: Node, index: int) -> StartExecution:
    """Return the start of a child. Raise RenderingFailed if it cannot begin."""
    execution, kind = turn.execution, _kind(node)
    depth = (execution.parent.depth if execution.parent is not None else 0) + 1
    if depth > MOST_DEPTH:
        raise RenderingFailed(
            f"Executions start each other more than {MOST_DEPTH} deep: does a flow run itself?"
        )
    parent = ParentRef(
        execution_id=execution.id,
        task_run_id=run.id,
        index=index,
        depth=depth,
        attempt=run.attempt + 1,
        waits=kind.waits(node.compiled),
    )
    child_id = derive_id("child", execution.id, run.id, str(index), *_again(turn, run))
    if kind.flow is None:
        return _iteration(turn, run, node, msgspec.structs.replace(parent, iteration=None), child_id)
    rendering = RunRendering(turn, node, run)
    own = kind.sees(node.compiled, rendering, index)
    if own:
        rendering = rendering.with_variables({"taskrun": {**taskrun_variables(run, run.attempt), **own}})
    flow = kind.flow(node.compiled, rendering)
    _check(turn, flow)
    return StartExecution(
        execution_id=child_id,
        namespace=flow.namespace,
        flow_id=flow.flow_id,
        revision=flow.revision,
        at=turn.at,
        inputs=flow.inputs,
        labels=_labels(turn, flow),
        trigger=TriggerRef(
            id=node.id,
            type=node.task.type,
            variables=_trigger(turn, run, own),
            depth=execution.trigger.depth if execution.trigger is not None else 0,
        ),
        scheduled_at=flow.scheduled_at,
        trace_parent=execution.trace_parent,
        parent=parent,
    )


def _again(turn: Turn, run: TaskRun) -> list[str]:
    """Return what tells apart children that run for the same index: after a retry, or after a restart."""
    numbers = {"attempt": run.attempt + 1, "restart": turn.execution.attempt_number}
    return [f"{name} {number}" for name, number in numbers.items() if number > 1]


def _iteration(turn: Turn, run: TaskRun, node: Node, parent: ParentRef, child_id: str) -> StartExecution:
    execution = turn.execution
    value = _family(run).values[parent.index]
    item = loop_item(value)
    around = execution.parent.iteration if execution.parent is not None else None
    iteration = Iteration(
        task_id=node.id,
        value=item.value,
        index=parent.index,
        key=item.key,
        parents=[item_of(around), *around.parents] if around is not None else [],
        outputs=outputs_of(execution, all_names(execution), [], {}, None),
        execution=execution_variables(execution),
        stored=_kind(node).stores(node.compiled, value),
    )
    return StartExecution(
        execution_id=child_id,
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        revision=execution.revision,
        at=turn.at,
        inputs=execution.inputs,
        labels=execution.labels,
        trigger=execution.trigger,
        kind="LOOP",
        trace_parent=execution.trace_parent,
        variables=execution.variables,
        parent=msgspec.structs.replace(parent, iteration=iteration),
    )


def _check(turn: Turn, flow: ChildFlow) -> None:
    """Raise RenderingFailed for a flow that cannot run with these inputs."""
    found = turn.setting.blueprints.of(flow.namespace, flow.flow_id, flow.revision)
    if found is None:
        revision = f" with revision '{flow.revision}'" if flow.revision is not None else ""
        raise RenderingFailed(f"Unable to find flow '{flow.namespace}'.'{flow.flow_id}'{revision}")
    if found.plan.flow.disabled:
        raise RenderingFailed(f"Cannot execute a flow which is disabled: {flow.namespace}.{flow.flow_id}")
    declared = found.plan.flow.inputs
    variables, _ = whole_of(turn)
    violations = resolve_inputs(declared, flow.inputs, scope_of(turn, variables)).violations
    if violations:
        raise RenderingFailed("\n".join(violation.message for violation in violations))


def _labels(turn: Turn, flow: ChildFlow) -> dict[str, str]:
    own = turn.execution.labels
    kept = {
        key: value for key, value in own.items() if not key.startswith("system.") and flow.inherits_labels
    }
    return {
        **kept,
        **flow.labels,
        "system.from": "subflow",
        CORRELATION: own.get(CORRELATION, turn.execution.id),
    }


def _trigger(turn: Turn, run: TaskRun, own: JsonObject) -> JsonObject:
    execution = turn.execution
    found: JsonObject = {
        "executionId": execution.id,
        "namespace": execution.namespace,
        "flowId": execution.flow_id,
        "flowRevision": execution.revision,
        "taskRunId": run.id,
    }
    if run.value is not None:
        found["taskRunValue"] = run.value
    iteration = own.get("iteration", run.iteration)
    if iteration is not None:
        found["taskRunIteration"] = iteration
    return found
