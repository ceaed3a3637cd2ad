"""Finds the next tasks of flowables and of the execution, and ends those that are finished (docs/language/states.md#result).
It works on a list of what to look at, never recursively, so that neither the depth nor the width of a flow
matters."""

from __future__ import annotations

from contracts.execution import ExecutionRetrying, ExecutionStarted
from contracts.language.flow.plan import Node
from contracts.language.types.behaviour import Again, Next, Over, RenderingFailed, Round
from contracts.language.types.declaration import ON_PAUSE
from contracts.language.types.flowable.sequential import following as one_after_another
from contracts.states import ENDED_WELL, State
from services.executor.executions.blueprint import Lists, lists_of
from services.executor.executions.children import (
    begin_child,
    family_is_over,
    finish_family,
    judge_undecided,
    next_child,
)
from services.executor.executions.evaluation import ask, close
from services.executor.executions.event import ExecutionClosed, RoundsOver
from services.executor.executions.interrupt import interrupt
from services.executor.executions.outcome import has_failed, mapped, worst, worst_of
from services.executor.executions.rendering.question import AnswerNeeded
from services.executor.executions.rendering.template import RunRendering
from services.executor.executions.state import Group, TaskRun
from services.executor.executions.task_run import begin, go_on
from services.executor.executions.termination import drop_deadline, end_execution, end_run
from services.executor.executions.turn import NotInThisStep, Turn
from services.executor.executions.visit import may_begin, may_end
from services.executor.executions.waiting import leave_pause, wait_for_round

_STOPPED = frozenset({State.CANCELLED, State.KILLED})
NOT_BEGUN = frozenset({State.CREATED, State.QUEUED, State.RESTARTED})


def run_execution(turn: Turn) -> None:
    """Turn RUNNING and begin the first tasks. After a restart, begin whatever is open."""
    turn.emit(ExecutionStarted)
    flowables = [run for run in turn.execution.runs.values() if run.children is not None and not run.ended]
    turn.look_at(None, *flowables)


def settle(turn: Turn) -> None:
    """End every step with this: find what follows everything that moved, until there is nothing left to look at."""
    execution = turn.execution
    if execution.state in NOT_BEGUN or execution.held or execution.ending is not None:
        # `run_execution` and the end of a pause look at everything open, and an execution that ends begins nothing.
        turn.moved.clear()
        return
    _resubmit_restarted(turn)
    while turn.moved and not execution.held:
        owner = turn.moved.pop()
        if turn.execution.id in turn.state.executions:
            _look_or_wait(turn, owner)
    if execution.held:
        turn.moved.clear()  # It stopped at a breakpoint.
        return
    _note_waiting(turn)


def settle_later(turn: Turn) -> None:
    """Settle in a step of its own, which is due at once."""
    if turn.moved and turn.execution.id in turn.state.executions:
        _continue_later(turn, None)
    turn.moved.clear()


def _continue_later(turn: Turn, owner: TaskRun | None) -> None:
    """Continue with an input of its own, which is due at once."""
    turn.deferred = True
    turn.timer(f"advance/{turn.execution.id}/{owner.id if owner is not None else ''}", turn.at)


def _note_waiting(turn: Turn) -> None:
    """Turn RETRYING if only delays are left. The next run turns it RUNNING again."""
    execution = turn.execution
    if execution.state is State.RETRYING and (execution.active or not execution.retrying):
        turn.emit(ExecutionStarted)
    elif (
        execution.state is State.RUNNING
        and execution.retrying
        and not (execution.active or turn.deferred or execution.evaluations)
        and not any(run.directory is not None and run.directory.step for run in execution.runs.values())
    ):
        turn.emit(ExecutionRetrying)


def _resubmit_restarted(turn: Turn) -> None:
    execution = turn.execution
    if not execution.restarted or execution.state not in (State.RUNNING, State.PAUSED):
        return
    for run in list(execution.restarted.values()):
        if execution.held:
            return
        if turn.budget <= 0:
            _continue_later(turn, None)
            return
        try:
            go_on(turn, run)
        except NotInThisStep:
            _continue_later(turn, None)
            return


def _look_or_wait(turn: Turn, owner: TaskRun | None) -> None:
    """Look at a flowable. If what follows needs an answer, it waits, and is looked at again with that answer."""
    waits = turn.execution.evaluations.get(owner.id) if owner is not None else None
    blocked = waits is not None and (waits.out or waits.purpose == "reopen")
    if blocked and turn.execution.state is not State.KILLING:
        return
    try:
        _look_at(turn, owner)
    except AnswerNeeded as needed:
        assert owner is not None, "the execution asks only for its inputs and outputs"
        ask(turn, owner, "look", needed.asked)
    except NotInThisStep:
        _continue_later(turn, owner)
    else:
        if waits is not None and waits.purpose == "look" and not waits.out and owner is not None:
            close(turn, owner.id)


def _look_at(turn: Turn, owner: TaskRun | None) -> None:
    turn.weigh_renderings()
    if owner is not None and owner.ended:
        return
    execution = turn.execution
    group = execution.group_of(owner)
    if execution.state is State.KILLING:
        visited = owner is not None and owner.directory is not None and bool(owner.directory.step)
        if group.open == 0 and not visited and not (group.family is not None and group.family.open):
            _finish(turn, owner, State.KILLED)
        return
    if execution.ended and owner is None:
        _look_at_after_execution(turn, group)
        return
    if owner is not None and group.family is not None:
        _look_at_family(turn, owner)
        return
    node = turn.node_of(owner) if owner is not None else None
    lists = lists_of(node, owner) if owner is not None and node is not None else turn.blueprint.lists
    if owner is not None and node is not None:
        if _round_has_ended(owner, node, group, lists):
            _decide_round(turn, owner, node)
        if owner.waits:
            lists = Lists(node.lists.get(ON_PAUSE, ()), (), ())
        if _together(owner, node, group, lists) is None and _interrupted(turn, owner, node, lists):
            return
        if not may_begin(turn, owner, node):
            return
    following = _next(owner, node, group, lists)
    if following is not None and turn.budget <= 0:
        _continue_later(turn, owner)
    elif following is not None:
        _begin(turn, owner, following)
    elif group.open == 0 and (owner is None or not owner.waits):
        _finish(turn, owner, _state_of(owner, node, group, lists))


def _interrupted(turn: Turn, owner: TaskRun, node: Node, lists: Lists) -> bool:
    """After a failure, end what still runs beside it, if the flowable says so. Return whether the rest takes another step."""
    group = owner.children
    assert node.flowable is not None
    assert group is not None
    state = node.flowable.on_failure(node.compiled)
    if state is None or not group.open or not has_failed(group, lists.main):
        return False
    if any(first.id in group.runs for first in (*lists.errors, *lists.finally_)):
        return False
    if interrupt(turn, owner, state):
        leave_pause(turn)
        return False
    _continue_later(turn, owner)
    return True


def _look_at_family(turn: Turn, owner: TaskRun) -> None:
    node = turn.node_of(owner)
    judge_undecided(turn, owner, node)
    while next_child(owner, node):
        if turn.budget <= 0:
            _continue_later(turn, owner)
            return
        try:
            begin_child(turn, owner, node)
        except NotInThisStep:
            _continue_later(turn, owner)
            return
    if family_is_over(owner):
        finish_family(turn, owner, node)


def _round_has_ended(owner: TaskRun, node: Node, group: Group, lists: Lists) -> bool:
    """Return whether it is to be decided if another round follows: all tasks ended well, and nothing was decided yet."""
    if node.flowable is None or node.flowable.after_round is None or owner.then is not None or group.open:
        return False
    cleaning = any(first.id in group.runs for first in (*lists.errors, *lists.finally_))
    well = worst(group, lists.main) in ENDED_WELL
    return well and not cleaning and not owner.waits and _following(node, group, lists.main) is None


def _decide_round(turn: Turn, owner: TaskRun, node: Node) -> None:
    assert node.flowable is not None
    assert node.flowable.after_round is not None
    began = owner.started_at if owner.started_at is not None else owner.created_at
    done = Round(max(1, owner.round), turn.at - began)
    reason = ""
    try:
        verdict = node.flowable.after_round(node.compiled, RunRendering(turn, node, owner), done)
    except RenderingFailed as failure:
        verdict, reason = Over(State.FAILED), str(failure)
    if isinstance(verdict, Again):
        wait_for_round(turn, owner, verdict)
        return
    drop_deadline(turn, owner)
    turn.note(RoundsOver(execution_id=turn.execution.id, task_run_id=owner.id, then=verdict.state))
    if reason:
        turn.log("ERROR", reason, owner)


def _begin(turn: Turn, owner: TaskRun | None, following: Next[Node]) -> None:
    """Begin the task, and look at its flowable once more after it."""
    turn.look_at(owner)
    try:
        begin(turn, owner, following)
    except NotInThisStep:
        turn.moved.pop()
        _continue_later(turn, owner)


def _next(owner: TaskRun | None, node: Node | None, group: Group, lists: Lists) -> Next[Node] | None:
    """Return the next task to begin. None if something is still running, or nothing is left. No node means the execution."""
    if any(first.id in group.runs for first in lists.finally_):
        return _in_order(group, lists.finally_)
    state = _state_of(owner, node, group, lists)
    failing = state is State.FAILED or any(first.id in group.runs for first in lists.errors)
    if failing:
        if found := _together(owner, node, group, lists) or _in_order(group, lists.errors):
            return found
    elif state not in (State.KILLED, State.CANCELLED) and (found := _following(node, group, lists.main)):
        return found
    if group.open == 0:  # a clean-up must not run beside the tasks that it cleans up
        return _in_order(group, lists.finally_)
    return None


def _state_of(owner: TaskRun | None, node: Node | None, group: Group, lists: Lists) -> State:
    """Return the state that the tasks give so far, or the one that a pause or the last round gave, whichever is worse."""
    given = owner.then if owner is not None else None
    state = worst(group, lists.main)
    if given is State.SUCCESS and state is State.CANCELLED:
        return given  # its time was over, and the tasks that this cut off do not count
    if state in _STOPPED and _stops_as(node) is state and has_failed(group, lists.main):
        state = State.FAILED
    return worst_of((state, given or State.SUCCESS))


def _stops_as(node: Node | None) -> State | None:
    """Return the state that the flowable gives to what still runs beside a failure."""
    flowable = node.flowable if node is not None else None
    return flowable.on_failure(node.compiled) if node is not None and flowable is not None else None


def _together(owner: TaskRun | None, node: Node | None, group: Group, lists: Lists) -> Next[Node] | None:
    """Return the next task that begins with its flowable, whatever becomes of the others. None: nothing has failed, or all began."""
    if owner is None or owner.then is not None or node is None or not has_failed(group, lists.main):
        return None
    if node.flowable is None or any(first.id in group.runs for first in (*lists.errors, *lists.finally_)):
        return None
    return node.flowable.together(node.compiled, group, lists.main)


def _following(node: Node | None, group: Group, main: tuple[Node, ...]) -> Next[Node] | None:
    if node is None:
        return one_after_another(None, group, main)
    assert node.flowable is not None
    return node.flowable.following(node.compiled, group, main)


def _in_order(group: Group, nodes: tuple[Node, ...]) -> Next[Node] | None:
    """Run ``errors``, ``finally`` and ``afterExecution`` one after another, and go on past failures."""
    for node in nodes:
        run = group.runs.get(node.id)
        if run is None:
            return Next(node)
        if not run.ended:
            return None
    return None


def _finish(turn: Turn, owner: TaskRun | None, state: State) -> None:
    if owner is None:
        end_execution(turn, state)
    else:
        node = turn.node_of(owner)
        assert node.flowable is not None
        assert owner.children is not None
        state = mapped(node.flowable.ending(state), node)
        if may_end(turn, owner, node, state):
            given = {task_id: run.outputs for task_id, run in owner.children.runs.items()}
            end_run(turn, owner, state, node.flowable.summary(given))


def _look_at_after_execution(turn: Turn, group: Group) -> None:
    following = _in_order(group, turn.blueprint.after(turn.execution.heard))
    if following is not None and turn.budget <= 0:
        _continue_later(turn, None)
    elif following is not None:
        _begin(turn, None, following)
    elif group.open == 0:
        turn.note(ExecutionClosed(execution_id=turn.execution.id, at=turn.at))
