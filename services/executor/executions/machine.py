"""The only entrance to the core: all open executions of one partition, stepped by one input at a time.

Theory of operation.

A step takes one input and returns its effects. The input is a command (a start, a report of an attempt, the answer about a
slot, a kill, a restart) or a timer that is due. The step returns events, records that are owed to other topics, and timers to
set or cancel. The runtime appends all of it as one record of the journal. If that append fails, the runtime throws this
machine away and makes a new one from the journal, so a step may change memory before it is durable.

Only ``evolve`` changes state, one event at a time. A decision notes an event in its turn, and the turn applies it at once, so
the rest of the decision sees it. Nothing that was decided is decided again: recovery folds recorded events, and needs no flow
for that. Time comes with the input, and every id is derived from its parent's id, so a second decision names the same things.

A step has two halves. The first is the command's module in ``decide``: it checks whether the input still means something and
notes its direct effects, for example that a task run ended. It reports what it moved with ``turn.look_at``: ``end_run`` names
the flowable above the run, ``end_execution`` names the execution if ``afterExecution`` has tasks to run. The second half is
``schedule.settle``. ``step`` calls it in one place, after every decision, so no decision can forget to go on.

``settle`` works on a list instead of calling itself. It takes the last flowable from the list (None stands for the execution)
and asks what is next there. If a task follows, it puts the flowable back and begins the task. The new run may be a flowable, or
may have ended already: then it, or its parent, is on the list too. If nothing follows and no run is open, the flowable ends and
its parent goes on the list. So the depth and the width of a flow cost no stack, and each look costs O(1) on average.

A step begins at most 50 task runs (``NEW_RUNS_PER_STEP``) and limits the size of what it emits (``BYTES_PER_STEP``), because a
journal record has a limit, and the partition's other executions wait for this step. The rest begins with the timer
``advance/<execution>/<flowable>``, which is due at once and is an input like any other. A loop over 10,000 values is 200 small
records, and a crash between two of them loses nothing. Its values are kept once: a range of integers as its bounds, whatever its
length, and a long list packed (``values``).

At the end all ways meet in ``termination``. It renders the outputs, which may still turn a success into a failure. It emits the
end, releases the concurrency slot, unlocks the trigger and cancels timers. Then the execution leaves memory. 12 bytes of it
remain, to recognise a repeated start. If tasks of ``afterExecution`` follow, it stays until they have ended, but its state does
not change any more.

A flowable may wait: in a pause, or between two rounds. A timer or a command lets it go on (``waiting``). Its run is PAUSED, and the
execution with it, but other branches go on. A pause of the whole execution (``held``) lets nothing begin: ``settle`` looks at
nothing until it is over.

A restart or a replay with more task runs than a record holds comes in parts (``decide.restore``). The parts are kept, then the command
restores them, a page a step, with the timer ``restore/<execution>``. Until the last page the execution is RESTARTED, and only a kill
is remembered.

A flowable may run child executions instead of tasks (``children``). Its run waits for their ends, which come as commands, and
they may be in other partitions. It starts at most 200 at once, so one step can kill them all.

A rendering may need what only a worker has: a secret, or an output in storage. It then raises AnswerNeeded, before anything was
noted. Whoever decides asks with ``evaluation.ask``, which dispatches an attempt without a task. A run is CREATED until the answer
comes, a flowable is not looked at, and the execution stays in its state before its inputs and outputs are known. The answer is kept
in the state, and ``decide.evaluation.resume`` decides once more from the beginning. This time the rendering finds its answer. So no
decision is ever half made, and a crash in between asks nothing twice.

A kill ends at once what only waits (runs between two attempts, an execution before its first task). It asks dispatch to
withdraw what runs, and the execution is KILLING until dispatch has answered for each of these attempts. A kill stops 200 runs
in a step, and uses timers as above for the rest. In KILLING nothing begins. A kill that is read before its start is remembered
for a minute, because two topics have no mutual order.

Any input may come twice, or late. A start is recognised by its id, within the window. A report is recognised by the number of
its attempt: only the present number counts, so reports of a worker that was declared lost have no effect. The answer about a
slot counts while the execution waits for it. A timer checks its purpose. In each of these cases the step is empty, and the
journal gets nothing.

A step that raises is a bug. The runtime then calls ``fail``, which ends this one execution with an internal error. The partition
goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from contracts.codec import Codec
from contracts.execution import (
    AttemptEnded,
    AttemptStarted,
    CheckExecution,
    ChildEnded,
    ChildPaused,
    CommandInParts,
    DeleteExecution,
    EditExecution,
    ExecutionEvent,
    ExecutionRecord,
    KillExecution,
    PauseExecution,
    RestartExecution,
    ResumeExecution,
    ResumeFromBreakpoint,
    RunsPart,
    SlotGranted,
    SlotQueued,
    SlotRefused,
    StartExecution,
    TaskRunRecord,
    UnqueueExecution,
)
from contracts.lease import LeaseGranted, LeaseRevoked
from contracts.machine import Input, Logged, Step, TimerDue
from contracts.message import Message
from contracts.scalars import AttemptId, JsonObject, Millis, attempt_id
from contracts.states import ENDED, State
from services.executor.executions import dump
from services.executor.executions.audience import Audience, NoAudience
from services.executor.executions.blueprint import Blueprints, Plans
from services.executor.executions.decide import (
    attempt,
    breakpoints,
    check,
    child,
    delete,
    early,
    edit,
    kill,
    lease,
    pause,
    restart,
    restore,
    slot,
    start,
    timer,
    unqueue,
)
from services.executor.executions.decide.exit import exit_execution
from services.executor.executions.ended import EndedIds
from services.executor.executions.ending import end_more, end_with_open_runs, internal_error, retry_anew
from services.executor.executions.event import JOURNAL, ExecutionEnding, JournalEvent
from services.executor.executions.evolve import evolve
from services.executor.executions.inbox import stop
from services.executor.executions.levels import enforce
from services.executor.executions.open_executions import OpenExecutions
from services.executor.executions.record import execution_of
from services.executor.executions.schedule import settle
from services.executor.executions.state import Execution, ExecutionsState
from services.executor.executions.telling import tell_triggers
from services.executor.executions.termination import tell_parent
from services.executor.executions.turn import AnyTurn, Setting, Turn, cut
from services.executor.executions.values import SHORT_FORMS
from services.executor.executions.waiting import is_held, tell_of_pause

DAY_MS = 86_400_000
MOST_COUNTED = 1_000_000
"""The most attempts of a run, and iterations of a loop. A record that claims more would cost too much memory."""


class ExecutionMachine:
    """Processor ``executions``. The runtime has read the flow table as far as an input's ``flows_position`` asks."""

    journal: Codec[JournalEvent] = JOURNAL
    published: str | None = "executions.events"

    def __init__(  # noqa: PLR0913 - one for each setting
        self,
        plans: Plans,
        *,
        window_ms: int = DAY_MS,
        group: str = "default",
        envs: Mapping[str, str] | None = None,
        global_variables: JsonObject | None = None,
        in_place: bool = False,
        borrower: int | None = None,
        is_light: Callable[[str], bool] = lambda _: False,
        write_version: int = SHORT_FORMS,
        audience: Audience | None = None,
    ) -> None:
        self._setting = Setting(
            Blueprints(plans),
            window_ms,
            group,
            envs or {},
            global_variables or {},
            in_place,
            borrower,
            is_light,
            write_version,
            audience or NoAudience(),
        )
        self.state = ExecutionsState(EndedIds(window_ms), OpenExecutions(dump.decode_kept))

    def step(self, message: Input, at: Millis) -> Step:
        """Decide, then look at everything that moved. This happens only here, so no decision can forget it."""
        logged_at = at
        if isinstance(message, Logged):
            logged_at = message.at
            message = message.message
        match message:
            case TimerDue():
                turn = self._fire(message, at)
            case StartExecution():
                turn = self._start(message, at, logged_at)
            case CheckExecution():
                turn = self._check(message, at)
            case RestartExecution():
                turn = self._restart(message, at)
            case RunsPart():
                turn = self._apart(at)
                if self._setting.write_version >= SHORT_FORMS:
                    restore.keep(turn, message)
            case CommandInParts():
                turn = self._in_parts(message, at, logged_at)
            case EditExecution():
                turn = self._edit(message, at)
            case DeleteExecution():
                turn = self._delete(message, at)
            case LeaseGranted():
                turn = self._apart(at)
                lease.grant(turn, message)
            case LeaseRevoked():
                turn = self._apart(at)
                lease.revoke(turn, message)
            case _:
                turn = self._command(message, at)
        if isinstance(turn, Turn):
            _settle(turn)
            tell_of_pause(turn)
            tell_triggers(turn)
        return turn.step if turn is not None else Step()

    def fail(self, message: Input, at: Millis, error: str) -> Step:
        """End the execution that the input is about. If there is none, there is nothing to end."""
        if isinstance(message, Logged):
            message = message.message
        if isinstance(message, LeaseGranted | LeaseRevoked):
            return Step()
        turn = self._failed(message, at, error)
        key = _ended_attempt(message)
        if key is not None:
            lease.free(turn, key)
        if isinstance(turn, Turn):
            tell_triggers(turn)
        return turn.step

    def _failed(self, message: Message | TimerDue, at: Millis, error: str) -> AnyTurn:
        execution_id = message.name.split("/")[1] if isinstance(message, TimerDue) else _subject(message)
        execution = self.state.executions.get(execution_id)
        if execution is not None:
            turn = self._turn(execution, at)
            internal_error(
                turn, error, ending=isinstance(message, TimerDue) and message.name.startswith("end/")
            )
            return turn
        if isinstance(message, CommandInParts) and message.start is not None:
            message = message.start
        if isinstance(message, StartExecution) and self.state.ended.seq_of(execution_id) is None:
            turn = self._turn(start.provisional(message, at), at)
            start.create_failed(turn, message, cut(f"Internal error: {error}"))
            return turn
        return self._apart(at)

    def evolve(self, event: JournalEvent) -> None:
        evolve(self.state, event)

    def public_key(self, event: JournalEvent) -> str | None:
        return event.execution_id if isinstance(event, ExecutionEvent) else None

    def dump(self) -> Iterable[bytes]:
        return dump.dump(self.state)

    def load(self, items: Iterable[bytes]) -> None:
        dump.load(self.state, items)

    def entities(self) -> Iterable[str]:
        return dump.entities(self.state)

    def take_touched(self) -> Iterable[str]:
        return dump.take_touched(self.state)

    def dump_entity(self, entity: str) -> Iterable[bytes]:
        return dump.dump_entity(self.state, entity)

    def load_entities(self, entities: Iterable[tuple[str, list[bytes]]]) -> None:
        dump.load_entities(self.state, entities)

    def timer_owner(self, name: str) -> str:
        kind, execution_id = name.split("/", 2)[:2]
        if kind in ("stop", "lost"):
            return ""  # their attempts may outlive the execution
        if kind == "drop":
            return dump.parts_entity(name.split("/", 2)[2])
        return dump.kill_entity(execution_id) if kind == "forget" else execution_id

    @property
    def open(self) -> int:
        """The number of executions in memory."""
        return len(self.state.executions)

    def _turn(self, execution: Execution, at: Millis) -> Turn:
        turn = Turn(self.state, at, evolve, self._setting, execution)
        turn.was_held = execution.parent is not None and turn.known and is_held(turn)
        return turn

    def _apart(self, at: Millis) -> AnyTurn:
        """Return the turn of an input that is about no execution in memory."""
        return AnyTurn(self.state, at, evolve)

    def _start(self, command: StartExecution, at: Millis, logged_at: Millis) -> Turn | None:
        if not self._is_new(command):
            return None
        turn = self._turn(start.provisional(command, at), at)
        start.start(turn, command, logged_at)
        return turn

    def _check(self, command: CheckExecution, at: Millis) -> AnyTurn | None:
        execution = self.state.executions.get(command.execution_id)
        if execution is not None and not execution.ended:
            return None
        turn = AnyTurn(self.state, at, evolve)
        check.give_back(turn, command)
        return turn

    def _restart(self, command: RestartExecution, at: Millis) -> Turn | None:
        execution = self.state.executions.get(command.execution_id)
        if execution is not None:
            turn = self._turn(execution, at)
            if turn.known and execution.ending is None and execution.restoring is None:
                restart.restart_in_memory(turn, command)
            return turn
        record = self._latest(command)
        if record is None:
            return self._refuse_child(command, at)
        turn = self._turn(execution_of(record), at)
        restart.restart(turn, record, restart.mark_of(command), command.children)
        return turn

    def _in_parts(self, command: CommandInParts, at: Millis, logged_at: Millis) -> AnyTurn:
        """A restart or a replay whose task runs came before it. If it means nothing, nobody needs them."""
        restarts = command.restart
        begun = command.start
        turn = self._apart(at)
        if begun is not None and self._is_new(begun) and begun.execution_id == command.execution_id:
            return self._replay_in_parts(command, begun, at, logged_at)
        if restarts is not None and command.execution_id not in self.state.executions:
            record = self._latest(restarts) if restarts.execution_id == command.execution_id else None
            whole = record is not None and is_whole(restore.runs_of(turn, command) or [])
            if record is not None and whole:
                restarted = self._turn(execution_of(record), at)
                restore.begin_restart(restarted, command, record)
                return restarted
        restore.forget(turn, command.execution_id, command.transfer_id)
        return turn

    def _replay_in_parts(
        self, command: CommandInParts, begun: StartExecution, at: Millis, logged_at: Millis
    ) -> Turn:
        replay, runs = begun.replay, restore.runs_of(self._apart(at), command)

        def restores(turn: Turn, asks: bool) -> str:  # noqa: FBT001 - one caller
            refusal = restore.replay_refusal(replay, runs) if replay is not None else restore.MISSING
            if not refusal:
                restore.begin_replay(turn, command, asks=asks)
            return refusal

        turn = self._turn(start.provisional(begun, at), at)
        start.start(turn, begun, logged_at, restores)
        execution = self.state.executions.get(begun.execution_id)
        if execution is None or execution.restoring is None:
            restore.forget(turn, command.execution_id, command.transfer_id)
        return turn

    def _is_new(self, command: StartExecution) -> bool:
        execution_id = command.execution_id
        return execution_id not in self.state.executions and self.state.ended.seq_of(execution_id) is None

    def _refuse_child(self, command: RestartExecution, at: Millis) -> Turn | None:
        """Tell a parent that waits for this child, which changed since its record was read."""
        record = command.record
        if record is None or record.parent is None or not record.histories:
            return None
        turn = self._turn(execution_of(record), at)
        tell_parent(turn, State.FAILED, {})
        return turn

    def _edit(self, command: EditExecution, at: Millis) -> Turn | None:
        execution = self.state.executions.get(command.execution_id)
        if execution is None:
            record = self._latest(command)
            execution = execution_of(record) if record is not None else None
        if execution is None or execution.ending is not None:
            return None
        turn = self._turn(execution, at)
        edit.edit(turn, command)
        return turn

    def _delete(self, command: DeleteExecution, at: Millis) -> Turn | None:
        record = self._latest(command) if command.execution_id not in self.state.executions else None
        if record is None:
            return None
        turn = self._turn(execution_of(record), at)
        delete.delete(turn, command)
        return turn

    def _latest(self, command: RestartExecution | EditExecution | DeleteExecution) -> ExecutionRecord | None:
        """Return the command's record of an ended execution, unless it was restarted and ended again since it was read."""
        record = command.record
        if record is None or record.id != command.execution_id or not _has_ended(record):
            return None
        last = self.state.ended.seq_of(record.id)
        return record if last is None or record.seq >= last else None

    def _command(self, command: Message, at: Millis) -> AnyTurn | None:
        execution_id = _subject(command)
        execution = self.state.executions.get(execution_id)
        if execution is not None and execution.ending is None:
            turn = self._turn(execution, at)
            if isinstance(command, AttemptEnded):
                lease.free(turn, _key(command))
            if execution.restoring is not None:
                restore.meanwhile(turn, command)
            elif turn.known:
                _DECIDE[type(command)](turn, command)
            else:
                _fail_unknown_revision(turn)
            return turn
        apart = self._apart(at)
        if isinstance(command, AttemptEnded):
            lease.free(apart, _key(command))
        elif isinstance(command, KillExecution) and execution is None and self._may_start(execution_id):
            early.remember(apart, command)
        return apart

    def _may_start(self, execution_id: str) -> bool:
        return self.state.ended.seq_of(execution_id) is None

    def _fire(self, due: TimerDue, at: Millis) -> AnyTurn | None:
        kind, execution_id, rest = (*due.name.split("/", 2), "")[:3]
        if kind == "forget":
            apart = self._apart(at)
            early.forget(apart, execution_id)
            return apart
        if kind == "stop":
            apart = self._apart(at)
            stop(apart, AttemptId(rest))
            return apart
        if kind == "drop":
            apart = self._apart(at)
            restore.drop(apart, execution_id, rest)
            return apart
        if kind == "lost":
            return self._lose(AttemptId(rest), at)
        execution = self.state.executions.get(execution_id)
        if execution is None:
            return None
        turn = self._turn(execution, at)
        if kind == "end":
            end_more(turn, int(rest))
        elif execution.ending is not None:
            return None
        elif turn.known:
            timer.fire(turn, kind, rest)
        else:
            _fail_unknown_revision(turn)
        return turn

    def _lose(self, key: AttemptId, at: Millis) -> AnyTurn | None:
        """The attempt never runs, because the lease under which it was sent was revoked."""
        leased = self.state.leases.attempts.get(key)
        if leased is None:
            return None
        execution = self.state.executions.get(leased.execution_id)
        if execution is None or execution.ending is not None:
            apart = self._apart(at)
            lease.free(apart, key)
            return apart
        turn = self._turn(execution, at)
        report = lease.lost(turn, leased)
        if turn.known:
            attempt.ended(turn, report)
        else:
            _fail_unknown_revision(turn)
        return turn


def _settle(turn: Turn) -> None:
    """Find what follows what moved, decide the attempts that ended in place, and go on until nothing is left."""
    enforce(turn)
    settle(turn)
    while turn.reports:
        report = turn.reports.popleft()
        if report.task_run_id in turn.exits:
            exit_execution(turn, report, turn.exits.pop(report.task_run_id))
        else:
            attempt.ended(turn, report)
        enforce(turn)
        settle(turn)
    if turn.anew is not None:
        retry_anew(turn, *turn.anew)
        settle(turn)


def _subject(message: Message) -> str:
    """Return the execution that an input of this machine is about."""
    return message.execution_id  # type: ignore[attr-defined,no-any-return]


def _key(report: AttemptEnded) -> AttemptId:
    return attempt_id(report.task_run_id, report.attempt)


def _ended_attempt(message: Input) -> AttemptId | None:
    """Return the attempt whose end an input tells."""
    if isinstance(message, AttemptEnded):
        return _key(message)
    if isinstance(message, TimerDue) and message.name.startswith("lost/"):
        return AttemptId(message.name.split("/", 2)[2])
    return None


def _has_ended(record: ExecutionRecord) -> bool:
    """Return whether a record has ended and is complete. Check it, because anyone may write one."""
    if not record.histories or record.histories[-1].state not in ENDED:
        return False
    return is_whole(record.task_runs)


def is_whole(runs: list[TaskRunRecord]) -> bool:
    """Return whether an execution can have had these task runs."""
    ids = {run.id for run in runs}
    return all(
        run.histories
        and (run.iteration is None or (0 <= run.iteration < MOST_COUNTED and run.parent_id in ids))
        and all(attempt.number < MOST_COUNTED for attempt in run.attempts)
        for run in runs
    )


def _fail_unknown_revision(turn: Turn) -> None:
    execution = turn.execution
    if not execution.ended:
        reason = f"Revision {execution.revision} of the flow is not known"
        end_with_open_runs(
            turn,
            ExecutionEnding(execution_id=execution.id, state=State.FAILED, runs=State.FAILED, reason=reason),
        )


def _kill(turn: Turn, _: KillExecution) -> None:
    kill.kill(turn)


_DECIDE: dict[type[Message], Callable[[Turn, Any], None]] = {
    AttemptStarted: attempt.started,
    AttemptEnded: attempt.ended,
    KillExecution: _kill,
    PauseExecution: pause.pause,
    ResumeFromBreakpoint: breakpoints.resume,
    UnqueueExecution: unqueue.unqueue,
    ChildEnded: child.ended,
    ChildPaused: child.paused,
    ResumeExecution: pause.resume,
    SlotGranted: slot.grant,
    SlotQueued: slot.queue,
    SlotRefused: slot.refuse,
}
