"""Restart (docs/language/states.md#restart): failed runs and all above them run again under the same id. The rest is
kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import msgspec

from contracts.codec import encode
from contracts.execution import (
    ChildState,
    CommandInParts,
    ExecutionRecord,
    ExecutionRestarted,
    History,
    RestartExecution,
    ResumeExecution,
    TaskRunRecord,
)
from contracts.language.flow.plan import Node
from contracts.language.types.behaviour import RenderingFailed
from contracts.scalars import Millis
from contracts.states import ENDED, State
from services.executor.executions import deadline, levels
from services.executor.executions.admission import take_slot_or_run
from services.executor.executions.blueprint import Blueprint
from services.executor.executions.children import (
    kept_families,
    let_family_wait,
    reopen_family,
    waiting_children,
)
from services.executor.executions.decide.pause import resume
from services.executor.executions.evaluation import ask, close, take_back
from services.executor.executions.interrupt import interrupt
from services.executor.executions.record import record_of
from services.executor.executions.rendering.question import AnswerNeeded
from services.executor.executions.state import TaskRun
from services.executor.executions.task_run import note_limit, open_loop, opened_of
from services.executor.executions.termination import end_execution, end_run, end_run_with_reason, withdraw
from services.executor.executions.turn import Turn
from services.executor.executions.waiting import leave_pause, repeats, resume_run, resumed

MOST_RUNS = 1_000_000
AGAIN = frozenset({State.FAILED, State.PAUSED, State.KILLED, State.CANCELLED})
RESTARTED_LABEL = "system.restarted"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a restart makes of the task runs of before."""

    runs: list[TaskRunRecord]
    removed: list[str]


def kept_by(
    blueprint: Blueprint | None,
    record: ExecutionRecord,
    mark: tuple[str, State] | None,
    children: list[ChildState],
    at: Millis,
) -> Kept | None:
    """Return which runs a restart at ``at`` keeps, in their new state. None if there is nothing to restart."""
    families = kept_families(blueprint, record.task_runs, children)
    runs, removed = kept_of(record, blueprint, families)
    again = again_of(runs) if mark is None else _above(runs, mark[0])
    runs, emptied = emptied_directories(runs, again, blueprint)
    removed += emptied
    if mark is not None and all(run.id != mark[0] for run in runs):
        return None
    if mark is None and not again and record.histories[-1].state in (State.SUCCESS, State.WARNING):
        return None
    runs = [
        _marked(run, mark[1], at)
        if mark is not None and run.id == mark[0]
        else renewed(run, again, blueprint, at)
        for run in runs
    ]
    return Kept(runs, removed)


def restart(
    turn: Turn,
    record: ExecutionRecord,
    mark: tuple[str, State] | None = None,
    children: list[ChildState] | None = None,
) -> None:
    """``record`` is of an ended execution. The caller has checked that it is the latest record.

    With a ``mark``, this run gets that state, and only what is above it runs again. ``children`` are those of its runs."""
    blueprint = turn.setting.blueprints.of(record.namespace, record.flow_id, record.revision)
    kept = kept_by(blueprint, record, mark, children or [], turn.at)
    if kept is None:
        return
    restarted = restarted_of(record, kept.runs, turn.at)
    _note(turn, restarted, kept.removed)
    turn.weigh(len(encode(restarted)))
    if blueprint is None:
        end_execution(turn, State.FAILED, f"Flow not found: {record.namespace}.{record.flow_id}")
        return
    begin_again(turn, children or [])


def restart_in_parts(
    turn: Turn, record: ExecutionRecord, command: CommandInParts, runs: list[TaskRunRecord]
) -> bool:
    """Begin a restart whose task runs fit no record: further steps restore them. Return False if there is nothing to restart."""
    assert command.restart is not None
    blueprint = turn.setting.blueprints.of(record.namespace, record.flow_id, record.revision)
    whole = msgspec.structs.replace(record, task_runs=runs)
    mark, children = mark_of(command.restart), command.restart.children
    if kept_by(blueprint, whole, mark, children, turn.at) is None:
        return False
    _note(turn, restarted_of(record, [], turn.at), [], continued=True)
    return True


def begin_again(turn: Turn, children: list[ChildState]) -> None:
    """The execution has all its task runs: let it go on."""
    levels.watch(turn)
    reopen_loops(turn, children)
    take_slot_or_run(turn)


def restarted_of(record: ExecutionRecord, runs: list[TaskRunRecord], at: Millis) -> ExecutionRecord:
    return msgspec.structs.replace(
        record,
        histories=[*record.histories, History(State.RESTARTED, at)],
        labels={**record.labels, RESTARTED_LABEL: "true"},
        attempt_number=record.attempt_number + 1,
        outputs={},
        task_runs=runs,
        breakpoints=[],
    )


def _note(turn: Turn, restarted: ExecutionRecord, removed: list[str], *, continued: bool = False) -> None:
    turn.note(
        ExecutionRestarted(
            execution_id=restarted.id,
            seq=restarted.seq + 1,
            at=turn.at,
            attempt_number=restarted.attempt_number,
            removed=removed,
            record=restarted,
            continued=continued,
        )
    )
    turn.execution = turn.state.executions[restarted.id]


def _marked(run: TaskRunRecord, state: State, at: Millis) -> TaskRunRecord:
    return msgspec.structs.replace(
        run, histories=[*run.histories, History(State.RESTARTED, at), History(state, at)]
    )


def _above(runs: Iterable[TaskRunRecord], run_id: str) -> set[str]:
    by_id = {run.id: run for run in runs}
    found: set[str] = set()
    run = by_id.get(run_id)
    while run is not None and run.parent_id is not None and run.parent_id not in found:
        found.add(run.parent_id)
        run = by_id.get(run.parent_id)
    return found & by_id.keys()


def restart_in_memory(turn: Turn, command: RestartExecution) -> None:
    """Restart an execution that ended while its ``afterExecution`` still runs. Those tasks are abandoned. A paused one goes on."""
    execution = turn.execution
    mark = mark_of(command)
    if not execution.ended:
        _go_on(turn, mark)
        return
    record = record_of(execution)
    open_runs = [run for run in execution.runs.values() if not run.ended and run.children is None]
    before = len(turn.step.events)
    restart(turn, record, mark, command.children)
    if len(turn.step.events) > before:
        for run in open_runs:
            if run.state in (State.SUBMITTED, State.RUNNING):
                withdraw(turn, run)
        for evaluation in execution.evaluations.values():
            if evaluation.out:
                take_back(turn, evaluation)


def _count_iterations(turn: Turn, run: TaskRun) -> None:
    """Let the loop know its iterations as long as it does not know its values, because they may end before."""
    if run.children is not None and run.children.loop is not None:
        open_loop(turn, run, [])


def mark_of(command: RestartExecution) -> tuple[str, State] | None:
    if command.task_run_id is None or command.state is None or command.state not in ENDED:
        return None
    return command.task_run_id, command.state


def _go_on(turn: Turn, mark: tuple[str, State] | None) -> None:
    """Resume a paused execution, or give its paused run the state that it is marked with."""
    execution = turn.execution
    if mark is None:
        resume(turn, ResumeExecution(execution_id=execution.id, at=turn.at))
        return
    run = execution.runs.get(mark[0])
    if run is not None and run.children is not None and run.children.family is not None:
        end_run(turn, run, mark[1])
        leave_pause(turn)
    elif run is not None and run.state is State.PAUSED and not repeats(turn, run):
        resume_run(turn, run, mark[1], {"resumed": resumed(turn, mark[1])})


def kept_of(
    record: ExecutionRecord, blueprint: Blueprint | None, families: Collection[str] = ()
) -> tuple[list[TaskRunRecord], list[str]]:
    """Return kept runs, parents first. Left out are runs of ``errors``, ``finally`` and ``afterExecution``, flowables that never
    opened, and everything below these."""
    by_parent: dict[str | None, list[TaskRunRecord]] = {}
    ids = {run.id for run in record.task_runs}
    for run in record.task_runs:
        by_parent.setdefault(run.parent_id if run.parent_id in ids else None, []).append(run)
    kept: list[TaskRunRecord] = []
    todo = list(reversed(by_parent.get(None, [])))
    while todo:
        run = todo.pop()
        if run.id not in families and _goes(run, by_parent, blueprint):
            continue
        kept.append(run)
        todo.extend(reversed(by_parent.get(run.id, [])))
    stay = {run.id for run in kept}
    return kept, [run.id for run in record.task_runs if run.id not in stay]


def _goes(
    run: TaskRunRecord, by_parent: dict[str | None, list[TaskRunRecord]], blueprint: Blueprint | None
) -> bool:
    if blueprint is None:
        return True
    node = blueprint.plan.nodes.get(run.task_id)
    if node is None or run.task_id in blueprint.cleaning:
        return True
    unopened = node.flowable is not None and run.id not in by_parent
    return unopened and state_of(run) not in (State.SUCCESS, State.WARNING, State.SKIPPED)


def again_of(runs: Iterable[TaskRunRecord]) -> set[str]:
    """Return the runs that failed or never ended, and all runs above them."""
    by_id = {run.id: run for run in runs}
    again: set[str] = set()
    for run in by_id.values():
        if state_of(run) in AGAIN or state_of(run) not in ENDED:
            above: TaskRunRecord | None = run
            while above is not None and above.id not in again:
                again.add(above.id)
                above = by_id.get(above.parent_id) if above.parent_id is not None else None
    return again


def emptied_directories(
    runs: list[TaskRunRecord], again: Collection[str], blueprint: Blueprint | None
) -> tuple[list[TaskRunRecord], list[str]]:
    """Take out the tasks whose shared directory is gone, because the flowable around them runs again. Return those that stay, and the
    ids of the others."""
    if blueprint is None:
        return runs, []
    nodes = blueprint.plan.nodes
    empty = {run.id for run in runs if run.id in again and shares_directory(nodes.get(run.task_id))}
    emptied = [run.id for run in runs if run.parent_id in empty]
    return [run for run in runs if run.parent_id not in empty], emptied


def shares_directory(node: Node | None) -> bool:
    """Return whether the tasks of this flowable share a directory."""
    return node is not None and node.flowable is not None and node.flowable.keeps_files is not None


def state_of(run: TaskRunRecord) -> State:
    return run.histories[-1].state


def renewed(run: TaskRunRecord, again: set[str], blueprint: Blueprint | None, at: Millis) -> TaskRunRecord:
    if run.id not in again or blueprint is None:
        return run
    flowable = blueprint.plan.nodes[run.task_id].flowable is not None
    if flowable:
        opened = [History(State.RESTARTED, at), History(State.RUNNING, at)]
        return msgspec.structs.replace(run, histories=[*run.histories, *opened])
    return msgspec.structs.replace(
        run, histories=[*run.histories, History(State.RESTARTED, at)], outputs={}, outputs_uri=None
    )


def reopen_loops(turn: Turn, children: list[ChildState] | None = None) -> None:
    """Render the values of loops again, because the record does not hold them. Iterations go on by their index."""
    for run in list(turn.execution.runs.values()):
        if run.children is None or run.ended:
            continue
        reopen(turn, run, children or [])


def reopen(turn: Turn, run: TaskRun, children: list[ChildState]) -> None:
    """Render the values of one loop again. If only a worker can do that, the loop goes on with the answer."""
    node = turn.node_of(run)
    assert node.flowable is not None
    assert run.children is not None
    try:
        known = opened_of(turn, node, run)
    except AnswerNeeded as needed:
        if node.flowable.children is not None and children:
            let_family_wait(turn, run, children)
        _count_iterations(turn, run)
        ask(turn, run, "reopen", needed.asked)
        return
    except RenderingFailed as failure:
        close(turn, run.id)
        if run.children.loop is not None or node.flowable.children is not None:
            _count_iterations(turn, run)
            interrupt(turn, run, State.KILLED, most=MOST_RUNS)  # nothing would look at them any more
            end_run_with_reason(turn, run, State.FAILED, str(failure))
        return
    close(turn, run.id)
    deadline.watch(turn, run, known.opening, known.timeout)
    note_limit(turn, run, known.opening)
    if known.values is not None and node.flowable.children is not None:
        kept = children or waiting_children(run)
        if not children and kept:
            let_family_wait(turn, run, [])
        reopen_family(turn, run, known.values, kept)
    elif known.values is not None:
        open_loop(turn, run, known.values)
