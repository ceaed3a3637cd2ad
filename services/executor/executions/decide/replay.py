"""Replay (docs/language/states.md#replay): a new execution takes over the task runs before a chosen one, which runs again."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from contracts.codec import encode
from contracts.execution import ExecutionRecord, ExecutionRestarted, History, Replay, TaskRunRecord
from contracts.language.flow.plan import Node
from contracts.scalars import Millis, derive_id
from contracts.states import ENDED, State
from services.executor.executions.decide.restart import (
    again_of,
    emptied_directories,
    kept_of,
    renewed,
    reopen_loops,
    shares_directory,
    state_of,
)
from services.executor.executions.record import record_of
from services.executor.executions.turn import Turn


def taken_by(turn: Turn, replay: Replay, at: Millis) -> list[TaskRunRecord]:
    """Return the runs that a replay at ``at`` takes over, in their new state and with their new ids."""
    blueprint = turn.blueprint
    runs, _ = kept_of(replay.record, blueprint)
    by_id = {run.id: run for run in runs}
    chosen = by_id.get(replay.task_run_id) if replay.task_run_id is not None else None
    around = by_id.get(chosen.parent_id) if chosen is not None and chosen.parent_id is not None else None
    if around is not None and shares_directory(blueprint.plan.nodes.get(around.task_id)):
        chosen = around  # the files that the task needs are not there any more
    if chosen is None:
        again = again_of(runs)
    else:
        gone = set(_gone(turn, runs, chosen))
        runs = [run for run in runs if run.id not in gone]
        again = {chosen.id, *_above(by_id, chosen)} - gone
    runs, _ = emptied_directories(runs, again, blueprint)
    names = {run.id: derive_id("replay", turn.execution.id, run.id) for run in runs}
    return [_renamed(renewed(run, again, blueprint, at), names) for run in runs]


def take_over(turn: Turn, replay: Replay) -> None:
    """Give the new execution, which has just been created, its task runs. It is RESTARTED then."""
    restarted = note_restarted(turn, taken_by(turn, replay, turn.at))
    turn.weigh(len(encode(restarted)))
    reopen_loops(turn)


def note_restarted(turn: Turn, runs: list[TaskRunRecord], *, continued: bool = False) -> ExecutionRecord:
    restarted = record_of(turn.execution)
    restarted = msgspec.structs.replace(
        restarted, histories=[*restarted.histories, History(State.RESTARTED, turn.at)], task_runs=runs
    )
    turn.note(
        ExecutionRestarted(
            execution_id=restarted.id,
            seq=restarted.seq + 1,
            at=turn.at,
            attempt_number=restarted.attempt_number,
            record=restarted,
            continued=continued,
        )
    )
    turn.execution = turn.state.executions[restarted.id]
    return restarted


def _renamed(run: TaskRunRecord, names: dict[str, str]) -> TaskRunRecord:
    return msgspec.structs.replace(
        run, id=names[run.id], parent_id=names[run.parent_id] if run.parent_id is not None else None
    )


def _gone(turn: Turn, runs: list[TaskRunRecord], chosen: TaskRunRecord) -> Iterator[str]:
    """Yield the ids of all runs that do not count any more: what follows the chosen run in the flow, what never ended beside it,
    and what is below these and the chosen run."""
    by_id = {run.id: run for run in runs}
    above = set(_above(by_id, chosen))
    path = [chosen, *(by_id[each] for each in _above(by_id, chosen))]
    following: set[tuple[str | None, int | None, str]] = set()
    for run in path:
        for later in _later(turn, run):
            following.add((run.parent_id, run.iteration, later))
    gone: set[str] = set()
    flowable = turn.blueprint.plan.nodes[chosen.task_id].flowable is not None
    for run in runs:  # parents come before their children
        after = (run.parent_id, run.iteration, run.task_id) in following or _later_value(turn, path, run)
        unfinished = state_of(run) not in ENDED and run.id not in above and run.id != chosen.id
        if after or unfinished or run.parent_id in gone or run.parent_id == chosen.id:
            gone.add(run.id)
        elif run.id == chosen.id and flowable and run.iteration is None:
            gone.add(run.id)  # it opens anew
    yield from gone


def _later(turn: Turn, run: TaskRunRecord) -> Iterator[str]:
    """Yield the ids of tasks that follow this run's task in its list, or depend on it."""
    node = turn.blueprint.plan.nodes[run.task_id]
    if node.parent is None:
        lists: list[tuple[Node, ...]] = [turn.blueprint.lists.main]
    else:
        lists = list(node.parent.lists.values())
    siblings = next((each for each in lists if node in each), ())
    if node.parent is not None and node.parent.flowable is not None and node.parent.flowable.side_by_side:
        yield from _dependent(siblings, node.id)
        return
    yield from (each.id for each in siblings[siblings.index(node) + 1 :])


def _dependent(siblings: tuple[Node, ...], task_id: str) -> set[str]:
    """Return all that depend on this task, directly or not. Nothing in a list without dependencies."""
    found = {task_id}
    more = found
    while more:
        more = {each.id for each in siblings if found & set(each.depends_on)} - found
        found |= more
    return found - {task_id}


def _later_value(turn: Turn, path: list[TaskRunRecord], run: TaskRunRecord) -> bool:
    """Return whether the run belongs to a later value of a loop that takes one value after another."""
    for each in path:
        if each.iteration is None or run.parent_id != each.parent_id or run.iteration is None:
            continue
        loop = turn.blueprint.plan.nodes[each.task_id].parent
        if loop is not None and loop.flowable is not None and loop.flowable.in_order(loop.compiled):
            return run.iteration > each.iteration
    return False


def _above(by_id: dict[str, TaskRunRecord], run: TaskRunRecord) -> list[str]:
    """Return the ids of all runs above it, the closest first."""
    found = []
    above = by_id.get(run.parent_id) if run.parent_id is not None else None
    while above is not None:
        found.append(above.id)
        above = by_id.get(above.parent_id) if above.parent_id is not None else None
    return found


def is_complete(record: ExecutionRecord) -> bool:
    """Return whether every run of the record has a history and its parent. A service wrote it, but check it all the same."""
    known: set[str] = set()
    for run in record.task_runs:
        if not run.histories or (run.parent_id is not None and run.parent_id not in known):
            return False
        known.add(run.id)
    return True
