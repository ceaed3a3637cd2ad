"""Applies an event to the state. It never refuses, decides nothing, and needs no flow: any history can be applied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts.execution import (
    ExecutionCreated,
    ExecutionDeleted,
    ExecutionEnded,
    ExecutionKilling,
    ExecutionPaused,
    ExecutionPrepared,
    ExecutionQueued,
    ExecutionRestarted,
    ExecutionResumed,
    ExecutionRetrying,
    ExecutionStarted,
    ExecutionStateChanged,
    ExecutionSuspended,
    ExecutionUpdated,
    History,
    RunsRestored,
    TaskRunCreated,
    TaskRunEnded,
    TaskRunOpened,
    TaskRunPaused,
    TaskRunRepeated,
    TaskRunResumed,
    TaskRunRetrying,
    TaskRunStarted,
    TaskRunSubmitted,
    TaskRunSuspended,
)
from contracts.language.encrypted import holds_encrypted
from contracts.language.types.behaviour import ChildEnd
from contracts.message import Message
from contracts.scalars import JsonObject
from contracts.states import State
from services.executor.executions.event import (
    AfterExecutionDue,
    AttemptFreed,
    AttemptLeased,
    AttemptStopping,
    ChildBegun,
    ChildHeld,
    ChildOver,
    DeadlineSet,
    DirectoryAsked,
    DirectoryEntered,
    DirectoryGone,
    EndUndecided,
    EvaluationAnswered,
    EvaluationAsked,
    EvaluationClosed,
    EvaluationLost,
    ExecutionClosed,
    ExecutionEnding,
    FamilyOpened,
    FamilyStopped,
    FamilyWaits,
    JournalEvent,
    KillForgotten,
    KillRemembered,
    LeaseClosed,
    LeaseTaken,
    LevelNoted,
    LimitSet,
    LoopOpened,
    PartKept,
    RestoreBegun,
    RestoreEnded,
    RoundEnded,
    RoundsOver,
    TransferDropped,
    ValuesOpened,
)
from services.executor.executions.lease import Lease, Leased
from services.executor.executions.record import add_run, arrives_encrypted, execution_of
from services.executor.executions.state import (
    Evaluation,
    Execution,
    ExecutionsState,
    Family,
    Group,
    Loop,
    Restoring,
    SharedDirectory,
    TaskRun,
    index,
    remove,
)
from services.executor.executions.values import read

SUBMITTED, RUNNING, RETRYING, PAUSED = State.SUBMITTED, State.RUNNING, State.RETRYING, State.PAUSED


def evolve(state: ExecutionsState, event: JournalEvent) -> None:
    _EVOLVE[type(event)](state, event)
    if isinstance(event, KillRemembered | KillForgotten):
        state.touched_kills[_killed(event)] = None
    elif not isinstance(event, _OF_NO_EXECUTION):
        state.executions.touched[event.execution_id] = None


_OF_NO_EXECUTION = (
    LeaseTaken,
    LeaseClosed,
    AttemptLeased,
    AttemptStopping,
    AttemptFreed,
    PartKept,
    TransferDropped,
)


def _killed(event: KillRemembered | KillForgotten) -> str:
    return event.command.execution_id if isinstance(event, KillRemembered) else event.execution_id


def _created(state: ExecutionsState, event: ExecutionCreated) -> None:
    state.executions[event.execution_id] = Execution(
        id=event.execution_id,
        namespace=event.namespace,
        flow_id=event.flow_id,
        revision=event.revision,
        state=State.CREATED,
        seq=event.seq,
        histories=[History(State.CREATED, event.at)],
        inputs=event.inputs,
        labels=event.labels,
        trigger=event.trigger,
        parent_id=event.parent_id,
        original_id=event.original_id,
        scheduled_at=event.scheduled_at,
        kind=event.kind,
        attempt_number=event.attempt_number,
        trigger_key=event.trigger_key,
        limit_key=event.limit_key,
        trace_parent=event.trace_parent,
        variables=event.variables,
        parent=event.parent,
        breakpoints=event.breakpoints,
        encrypted=arrives_encrypted(event.inputs, event.trigger, event.parent),
    )


def _keep(execution: Execution, run: TaskRun, outputs: JsonObject) -> None:
    if outputs:
        run.outputs = outputs
        _look_for_encrypted(execution, outputs)


def _look_for_encrypted(execution: Execution, values: JsonObject) -> None:
    execution.encrypted = execution.encrypted or holds_encrypted(values)


def _prepared(state: ExecutionsState, event: ExecutionPrepared) -> None:
    execution = state.executions[event.execution_id]
    execution.seq = event.seq
    execution.inputs = event.inputs
    _look_for_encrypted(execution, event.inputs)


def _turns(into: State) -> Callable[[ExecutionsState, Any], None]:
    def turn(state: ExecutionsState, event: Any) -> None:
        execution = state.executions[event.execution_id]
        execution.seq = event.seq
        execution.state = into
        execution.histories.append(History(into, event.at))

    return turn


def _paused(state: ExecutionsState, event: ExecutionPaused) -> None:
    _turn_paused(state, event)
    state.executions[event.execution_id].held = event.held


def _resumed(state: ExecutionsState, event: ExecutionResumed) -> None:
    _turn_restarted(state, event)
    state.executions[event.execution_id].held = False


def _started(state: ExecutionsState, event: ExecutionStarted) -> None:
    _turn_running(state, event)
    state.executions[event.execution_id].held = False


def _suspended(state: ExecutionsState, event: ExecutionSuspended) -> None:
    _turn_suspended(state, event)
    state.executions[event.execution_id].held = True


def _killing(state: ExecutionsState, event: ExecutionKilling) -> None:
    _turn_killing(state, event)
    state.executions[event.execution_id].held = False


_turn_paused, _turn_restarted, _turn_killing = _turns(PAUSED), _turns(State.RESTARTED), _turns(State.KILLING)
_turn_running, _turn_suspended = _turns(State.RUNNING), _turns(State.BREAKPOINT)


def _restarted(state: ExecutionsState, event: ExecutionRestarted) -> None:
    assert event.record is not None
    execution = execution_of(event.record)
    execution.seq = event.seq
    state.executions[event.execution_id] = execution


def _restore_begun(state: ExecutionsState, event: RestoreBegun) -> None:
    state.executions[event.execution_id].restoring = Restoring(event.command, event.at, event.asks)


def _runs_restored(state: ExecutionsState, event: RunsRestored) -> None:
    execution = state.executions[event.execution_id]
    execution.seq = event.seq
    for item in event.runs:
        add_run(execution, item)
        _look_for_encrypted(execution, item.outputs)
    assert execution.restoring is not None
    execution.restoring.done += 1


def _restore_ended(state: ExecutionsState, event: RestoreEnded) -> None:
    state.executions[event.execution_id].restoring = None


def _part_kept(state: ExecutionsState, event: PartKept) -> None:
    state.transfers.keep(event.part, event.at)


def _transfer_dropped(state: ExecutionsState, event: TransferDropped) -> None:
    state.transfers.drop(event.transfer_id)


def _updated(state: ExecutionsState, event: ExecutionUpdated) -> None:
    execution = state.executions.get(event.execution_id)
    if execution is None:
        state.ended.add(event.execution_id, event.seq, event.at)
        return
    execution.seq = event.seq
    if event.labels is not None:
        execution.labels = event.labels
    if event.variables is not None:
        execution.variables = event.variables
    if event.breakpoints is not None:
        execution.breakpoints = event.breakpoints


def _state_changed(state: ExecutionsState, event: ExecutionStateChanged) -> None:
    execution = state.executions.get(event.execution_id)
    if execution is None:
        state.ended.add(event.execution_id, event.seq, event.at)
        return
    execution.seq = event.seq
    execution.state = event.state
    execution.histories.append(History(event.state, event.at))


def _deleted(state: ExecutionsState, event: ExecutionDeleted) -> None:
    state.ended.add(event.execution_id, event.seq, event.at)


def _ended(state: ExecutionsState, event: ExecutionEnded) -> None:
    execution = state.executions[event.execution_id]
    execution.seq = event.seq
    execution.state = event.state
    execution.histories.append(History(event.state, event.at))
    execution.outputs = event.outputs
    execution.ending, execution.held = None, False
    if not execution.lingers:
        _forget(state, execution, event.at)


def _ending(state: ExecutionsState, event: ExecutionEnding) -> None:
    state.executions[event.execution_id].ending = event


def _closed(state: ExecutionsState, event: ExecutionClosed) -> None:
    _forget(state, state.executions[event.execution_id], event.at)


def _forget(state: ExecutionsState, execution: Execution, at: int) -> None:
    del state.executions[execution.id]
    state.ended.add(execution.id, execution.seq, at)


def _after_due(state: ExecutionsState, event: AfterExecutionDue) -> None:
    execution = state.executions[event.execution_id]
    execution.lingers, execution.heard = True, event.heard


def _run_created(state: ExecutionsState, event: TaskRunCreated) -> None:
    execution = state.executions[event.execution_id]
    execution.seq = event.seq
    parent = execution.runs[event.parent_task_run_id] if event.parent_task_run_id is not None else None
    run = TaskRun(
        id=event.task_run_id,
        task_id=event.task_id,
        state=event.state,
        created_at=event.at,
        parent=parent,
        value=event.value,
        iteration=event.iteration,
    )
    if event.state is SUBMITTED:
        run.attempt = 1
        run.group = event.group
        execution.active += 1
    elif event.state is RUNNING:
        run.children = Group()
        run.started_at = event.at
    _keep(execution, run, event.outputs)
    enrol(execution, run)


def enrol(execution: Execution, run: TaskRun) -> None:
    """Add a run that has not ended to the execution's indexes and to its parent's group."""
    index(execution, run)
    group = execution.group_of(run.parent)
    group.open += 1
    if run.iteration is None:
        group.runs[run.task_id] = run
    else:
        assert group.loop is not None
        group.loop.admit(run)


def _run_opened(state: ExecutionsState, event: TaskRunOpened) -> None:
    execution = state.executions[event.execution_id]
    execution.seq = event.seq
    run = execution.runs[event.task_run_id]
    execution.restarted.pop(run.id, None)
    if run.state is RETRYING:
        execution.retrying -= 1
        run.retry_at = None
    run.state, run.children = RUNNING, Group()
    if not run.attempt:
        run.started_at = event.at
    _keep(execution, run, event.outputs)


def _run_suspended(state: ExecutionsState, event: TaskRunSuspended) -> None:
    execution = state.executions[event.execution_id]
    execution.seq = event.seq
    run = execution.runs[event.task_run_id]
    run.state = State.BREAKPOINT
    execution.restarted[run.id] = run


def _run_submitted(state: ExecutionsState, event: TaskRunSubmitted) -> None:
    execution = state.executions[event.execution_id]
    execution.seq = event.seq
    run = execution.runs[event.task_run_id]
    if run.state is SUBMITTED or run.state is RUNNING:
        run.losses += 1
    else:
        execution.active += 1
        if run.state is RETRYING:
            execution.retrying -= 1
            run.retry_at = None
        else:
            execution.restarted.pop(run.id, None)
    run.attempt = event.attempt
    run.group = event.group
    run.state = SUBMITTED


def _run_started(state: ExecutionsState, event: TaskRunStarted) -> None:
    execution = state.executions[event.execution_id]
    execution.seq = event.seq
    run = execution.runs[event.task_run_id]
    run.state = RUNNING
    if run.started_at is None:
        run.started_at = event.started_at


def _run_retrying(state: ExecutionsState, event: TaskRunRetrying) -> None:
    execution = state.executions[event.execution_id]
    execution.seq = event.seq
    execution.retrying += 1
    run = execution.runs[event.task_run_id]
    if run.children is None:
        execution.active -= 1
    else:
        run.attempt, run.children = event.attempt, Group()
    run.state = RETRYING
    run.retry_at = event.next_at
    if event.errors:
        run.errors = event.errors


def _run_paused(state: ExecutionsState, event: TaskRunPaused) -> None:
    execution = state.executions[event.execution_id]
    execution.seq = event.seq
    execution.paused += 1
    run = execution.runs[event.task_run_id]
    run.state = PAUSED
    run.wake_at = event.until
    run.then = event.then


def _run_resumed(state: ExecutionsState, event: TaskRunResumed) -> None:
    execution = state.executions[event.execution_id]
    execution.seq = event.seq
    run = execution.runs[event.task_run_id]
    _goes_on(execution, run)
    run.then = event.then
    _keep(execution, run, event.outputs)


def _goes_on(execution: Execution, run: TaskRun) -> None:
    execution.paused -= run.state is PAUSED
    run.state = RUNNING
    run.wake_at = None


def _run_repeated(state: ExecutionsState, event: TaskRunRepeated) -> None:
    execution = state.executions[event.execution_id]
    execution.seq = event.seq
    run = execution.runs[event.task_run_id]
    _goes_on(execution, run)
    run.then = None
    run.outputs = event.outputs
    _look_for_encrypted(execution, event.outputs)
    for gone in event.removed:
        remove(execution, execution.runs[gone])


def _family_of(state: ExecutionsState, event: Any) -> Family:
    group = state.executions[event.execution_id].runs[event.task_run_id].children
    assert group is not None
    if group.family is None:
        group.family = Family()
    return group.family


def _family_opened(state: ExecutionsState, event: FamilyOpened) -> None:
    family = _family_of(state, event)
    family.values = event.values if event.first == 0 else [*family.values, *event.values]


def _child_begun(state: ExecutionsState, event: ChildBegun) -> None:
    family = _family_of(state, event)
    family.begun = max(family.begun, event.index + 1)
    if event.awaited:
        family.open[event.index] = event.child_id


def _child_over(state: ExecutionsState, event: ChildOver) -> None:
    family = _family_of(state, event)
    family.open.pop(event.index, None)
    family.held.discard(event.index)
    value = family.values[event.index]
    family.ends.append(ChildEnd(event.child_id, event.index, value, event.state, event.outputs))


def _family_stopped(state: ExecutionsState, event: FamilyStopped) -> None:
    family = _family_of(state, event)
    family.stopped = True
    family.reason = family.reason or event.reason


def _end_undecided(state: ExecutionsState, event: EndUndecided) -> None:
    undecided = _family_of(state, event).undecided
    if event.undecided:
        undecided.append(event.index)
    else:
        undecided.remove(event.index)


def _family_waits(state: ExecutionsState, event: FamilyWaits) -> None:
    _family_of(state, event).waiting = list(event.children)


def _child_held(state: ExecutionsState, event: ChildHeld) -> None:
    held = _family_of(state, event).held
    if event.held:
        held.add(event.index)
    else:
        held.discard(event.index)


def _deadline_set(state: ExecutionsState, event: DeadlineSet) -> None:
    run = state.executions[event.execution_id].runs[event.task_run_id]
    run.deadline = (event.then, event.reason)


def _limit_set(state: ExecutionsState, event: LimitSet) -> None:
    group = state.executions[event.execution_id].runs[event.task_run_id].children
    assert group is not None
    group.limit = event.limit


def _level_noted(state: ExecutionsState, event: LevelNoted) -> None:
    state.executions[event.execution_id].levels[event.sla_id] = event.violated


def _round_ended(state: ExecutionsState, event: RoundEnded) -> None:
    state.executions[event.execution_id].runs[event.task_run_id].wake_at = event.until


def _rounds_over(state: ExecutionsState, event: RoundsOver) -> None:
    run = state.executions[event.execution_id].runs[event.task_run_id]
    run.then = event.then
    run.deadline = None


def _run_ended(state: ExecutionsState, event: TaskRunEnded) -> None:
    execution = state.executions[event.execution_id]
    execution.seq = event.seq
    run = execution.runs[event.task_run_id]
    if run.state is RETRYING:
        execution.retrying -= 1
    elif run.state is PAUSED:
        execution.paused -= 1
    elif run.children is None and (run.state is SUBMITTED or run.state is RUNNING):
        execution.active -= 1
    else:
        execution.restarted.pop(run.id, None)
    run.state = event.state
    run.ended_at = event.ended_at if event.ended_at is not None else event.at
    run.retry_at = run.wake_at = run.deadline = run.directory = None
    if event.errors:
        run.errors = event.errors
    _keep(execution, run, event.outputs)
    run.outputs_uri = event.outputs_uri
    if run.children is not None:
        run.children.family = None
        if run.children.loop is not None:
            run.children.loop.close()
    group = execution.group_of(run.parent)
    group.open -= 1
    if run.iteration is not None:
        assert group.loop is not None
        group.loop.settle(run)


def _loop_opened(state: ExecutionsState, event: LoopOpened) -> None:
    owner = state.executions[event.execution_id].runs[event.task_run_id]
    assert owner.children is not None
    group = owner.children
    if group.loop is None:
        group.loop = Loop(tuple(event.body))
    if event.first == 0:
        group.loop.values = []
        group.loop.recount(tuple(event.body))
    group.loop.values = [*group.loop.values, *event.values]


def _values_opened(state: ExecutionsState, event: ValuesOpened) -> None:
    if event.body is None:
        _family_of(state, event).values = read(event)
        return
    owner = state.executions[event.execution_id].runs[event.task_run_id]
    assert owner.children is not None
    loop = owner.children.loop = owner.children.loop or Loop(())
    loop.values = read(event)
    loop.recount(tuple(event.body))


def _asked(state: ExecutionsState, event: EvaluationAsked) -> None:
    execution = state.executions[event.execution_id]
    known = execution.evaluations.get(event.task_run_id)
    execution.asked += known is None
    asked = Evaluation(
        id=event.evaluation_id,
        task_run_id=event.task_run_id,
        purpose=event.purpose,
        attempt=event.attempt,
        group=event.group,
        questions=event.questions,
        ending=event.ending,
        command=event.command,
    )
    if known is not None:
        asked.answers, asked.losses = known.answers, known.losses
    enrol_evaluation(execution, asked)


def enrol_evaluation(execution: Execution, evaluation: Evaluation) -> None:
    """A run that waits for an answer is not among those that a restart left."""
    execution.evaluations[evaluation.task_run_id] = evaluation
    execution.asking[evaluation.id] = evaluation.task_run_id
    execution.restarted.pop(evaluation.task_run_id, None)


def _evaluation_lost(state: ExecutionsState, event: EvaluationLost) -> None:
    evaluation = state.executions[event.execution_id].evaluations[event.task_run_id]
    evaluation.questions = []
    evaluation.losses += 1


def _answered(state: ExecutionsState, event: EvaluationAnswered) -> None:
    evaluation = state.executions[event.execution_id].evaluations[event.task_run_id]
    evaluation.answers.update(zip(evaluation.questions, event.answers, strict=False))
    evaluation.questions = []
    evaluation.losses = 0


def _evaluation_closed(state: ExecutionsState, event: EvaluationClosed) -> None:
    execution = state.executions[event.execution_id]
    del execution.asking[execution.evaluations.pop(event.task_run_id).id]


def _directory_asked(state: ExecutionsState, event: DirectoryAsked) -> None:
    run = state.executions[event.execution_id].runs[event.task_run_id]
    name = f"{run.id}.{event.attempt}"
    if run.directory is None:
        run.directory = SharedDirectory(name, event.attempt, event.group)
    shared = run.directory
    shared.attempt, shared.group, shared.step, shared.then = (
        event.attempt,
        event.group,
        event.step,
        event.then,
    )
    if event.step == "enter":
        shared.id = name


def _directory_of(state: ExecutionsState, event: DirectoryEntered | DirectoryGone) -> SharedDirectory:
    shared = state.executions[event.execution_id].runs[event.task_run_id].directory
    assert shared is not None
    shared.step = ""
    return shared


def _directory_entered(state: ExecutionsState, event: DirectoryEntered) -> None:
    _directory_of(state, event).worker_id = event.worker_id


def _directory_gone(state: ExecutionsState, event: DirectoryGone) -> None:
    shared = _directory_of(state, event)
    shared.worker_id, shared.attempt = "", event.attempt
    shared.losses += 1


def _kill_remembered(state: ExecutionsState, event: KillRemembered) -> None:
    state.early_kills[event.command.execution_id] = event.command


def _kill_forgotten(state: ExecutionsState, event: KillForgotten) -> None:
    state.early_kills.pop(event.execution_id, None)


def _lease_taken(state: ExecutionsState, event: LeaseTaken) -> None:
    lease = Lease(event.group, event.lease, event.worker_id, event.inbox, event.session, event.slots)
    state.leases.groups.setdefault(event.group, {})[event.lease] = lease
    state.leases.touched[event.group] = None
    state.leases.last[event.group] = event.lease


def _lease_closed(state: ExecutionsState, event: LeaseClosed) -> None:
    lease = state.leases.groups[event.group][event.lease]
    lease.revoked, lease.reason = True, event.reason
    state.leases.touched[event.group] = None
    state.leases.drop_if_over(lease)


def _attempt_leased(state: ExecutionsState, event: AttemptLeased) -> None:
    lease = state.leases.groups[event.group][event.lease]
    state.leases.occupy(Leased(lease, event.execution_id, event.task_run_id, event.attempt))


def _attempt_stopping(state: ExecutionsState, event: AttemptStopping) -> None:
    leased = state.leases.attempts[event.key]
    leased.stopping = True
    state.leases.touched[leased.lease.group] = None


def _attempt_freed(state: ExecutionsState, event: AttemptFreed) -> None:
    state.leases.vacate(event.key)


_EVOLVE: dict[type[Message], Callable[[ExecutionsState, Any], None]] = {
    ExecutionCreated: _created,
    ExecutionPrepared: _prepared,
    ExecutionQueued: _turns(State.QUEUED),
    ExecutionStarted: _started,
    ExecutionRetrying: _turns(State.RETRYING),
    ExecutionPaused: _paused,
    ExecutionResumed: _resumed,
    ExecutionSuspended: _suspended,
    ExecutionKilling: _killing,
    ExecutionRestarted: _restarted,
    RunsRestored: _runs_restored,
    RestoreBegun: _restore_begun,
    RestoreEnded: _restore_ended,
    PartKept: _part_kept,
    TransferDropped: _transfer_dropped,
    ExecutionUpdated: _updated,
    ExecutionStateChanged: _state_changed,
    ExecutionEnded: _ended,
    ExecutionDeleted: _deleted,
    TaskRunCreated: _run_created,
    TaskRunOpened: _run_opened,
    TaskRunSubmitted: _run_submitted,
    TaskRunStarted: _run_started,
    TaskRunRetrying: _run_retrying,
    TaskRunPaused: _run_paused,
    TaskRunResumed: _run_resumed,
    TaskRunSuspended: _run_suspended,
    TaskRunRepeated: _run_repeated,
    TaskRunEnded: _run_ended,
    FamilyOpened: _family_opened,
    ChildBegun: _child_begun,
    ChildOver: _child_over,
    FamilyStopped: _family_stopped,
    ChildHeld: _child_held,
    EndUndecided: _end_undecided,
    FamilyWaits: _family_waits,
    LimitSet: _limit_set,
    LevelNoted: _level_noted,
    DeadlineSet: _deadline_set,
    RoundEnded: _round_ended,
    RoundsOver: _rounds_over,
    LoopOpened: _loop_opened,
    ValuesOpened: _values_opened,
    EvaluationAsked: _asked,
    EvaluationLost: _evaluation_lost,
    EvaluationAnswered: _answered,
    EvaluationClosed: _evaluation_closed,
    DirectoryAsked: _directory_asked,
    DirectoryEntered: _directory_entered,
    DirectoryGone: _directory_gone,
    AfterExecutionDue: _after_due,
    ExecutionEnding: _ending,
    ExecutionClosed: _closed,
    KillRemembered: _kill_remembered,
    KillForgotten: _kill_forgotten,
    LeaseTaken: _lease_taken,
    LeaseClosed: _lease_closed,
    AttemptLeased: _attempt_leased,
    AttemptStopping: _attempt_stopping,
    AttemptFreed: _attempt_freed,
}
