"""Converts an execution to the form that a restart carries, and back. Between creation and end of a run it has only the
instants that the core keeps. The projection has the full histories of task runs."""

from __future__ import annotations

from contracts.execution import (
    AttemptRecord,
    ExecutionRecord,
    History,
    ParentRef,
    TaskRunRecord,
    TriggerRef,
)
from contracts.language.encrypted import holds_encrypted
from contracts.scalars import JsonObject
from contracts.states import ENDED, State
from services.executor.executions.state import Execution, Group, Loop, TaskRun, index


def execution_of(record: ExecutionRecord) -> Execution:
    """Return the state that a restarted execution begins with. Its RUNNING runs are flowables, and all attempts have ended."""
    execution = Execution(
        id=record.id,
        namespace=record.namespace,
        flow_id=record.flow_id,
        revision=record.revision,
        state=record.histories[-1].state,
        seq=record.seq,
        histories=list(record.histories),
        inputs=record.inputs,
        labels=record.labels,
        trigger=record.trigger,
        parent_id=record.parent_id,
        original_id=record.original_id,
        scheduled_at=record.scheduled_at,
        kind=record.kind,
        attempt_number=record.attempt_number,
        trigger_key=record.trigger_key,
        limit_key=record.limit_key,
        trace_parent=record.trace_parent,
        variables=record.variables,
        parent=record.parent,
        breakpoints=record.breakpoints,
        encrypted=arrives_encrypted(record.inputs, record.trigger, record.parent)
        or any(holds_encrypted(item.outputs) for item in record.task_runs),
    )
    for item in record.task_runs:
        add_run(execution, item)
    return execution


def arrives_encrypted(inputs: JsonObject, trigger: TriggerRef | None, parent: ParentRef | None) -> bool:
    """Return whether an execution begins with something encrypted: in its inputs, in the outputs of the flow that triggers it, or in
    those of the tasks before its loop."""
    iteration = parent.iteration if parent is not None else None
    return (
        holds_encrypted(inputs)
        or (trigger is not None and holds_encrypted(trigger.variables.get("outputs")))
        or (iteration is not None and holds_encrypted(iteration.outputs))
    )


def add_run(execution: Execution, item: TaskRunRecord) -> None:
    """Add a run that a restart or a replay keeps. Its parent is there already."""
    parent = execution.runs.get(item.parent_id) if item.parent_id is not None else None
    first, last = item.histories[0], item.histories[-1]
    run = TaskRun(
        id=item.id,
        task_id=item.task_id,
        state=last.state,
        created_at=first.at,
        parent=parent,
        value=item.value,
        iteration=item.iteration,
        attempt=max((attempt.number for attempt in item.attempts), default=0),
        started_at=next((past.at for past in item.histories if past.state is State.RUNNING), None),
        ended_at=last.at if last.state in ENDED else None,
        outputs=item.outputs,
        outputs_uri=item.outputs_uri,
    )
    if run.state is State.RUNNING:
        run.children = Group()
    elif run.state in (State.RESTARTED, State.BREAKPOINT):
        execution.restarted[run.id] = run
    if parent is not None and parent.children is None:
        parent.children = Group()
    index(execution, run)
    group = execution.group_of(parent)
    group.open += not run.ended
    if run.iteration is None:
        group.runs[run.task_id] = run
    else:
        group.loop = group.loop or Loop(())
        group.loop.runs.append(run)  # counted when LoopOpened gives the body


def record_of(execution: Execution) -> ExecutionRecord:
    return ExecutionRecord(
        id=execution.id,
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        revision=execution.revision,
        seq=execution.seq,
        histories=list(execution.histories),
        inputs=execution.inputs,
        labels=execution.labels,
        trigger=execution.trigger,
        parent_id=execution.parent_id,
        original_id=execution.original_id,
        scheduled_at=execution.scheduled_at,
        kind=execution.kind,
        attempt_number=execution.attempt_number,
        trigger_key=execution.trigger_key,
        limit_key=execution.limit_key,
        trace_parent=execution.trace_parent,
        variables=execution.variables,
        parent=execution.parent,
        breakpoints=execution.breakpoints,
        outputs=execution.outputs,
        task_runs=[_record_of_run(run) for run in execution.runs.values()],
    )


def _record_of_run(run: TaskRun) -> TaskRunRecord:
    histories = [History(State.CREATED, run.created_at)]
    if run.started_at is not None:
        histories.append(History(State.RUNNING, run.started_at))
    if run.state is not histories[-1].state:
        histories.append(History(run.state, run.ended_at or histories[-1].at))
    return TaskRunRecord(
        id=run.id,
        task_id=run.task_id,
        parent_id=run.parent.id if run.parent is not None else None,
        value=run.value,
        iteration=run.iteration,
        histories=histories,
        attempts=[AttemptRecord(number=number) for number in range(1, run.attempt + 1)],
        outputs=run.outputs,
        outputs_uri=run.outputs_uri,
    )
