"""The executor's commands to dispatch: run an attempt, or stop it."""

from __future__ import annotations

from contracts.scalars import attempt_id
from contracts.work import EnqueueAttempt, WithdrawAttempt
from services.executor.dispatch.decide.assign import assign
from services.executor.dispatch.decide.leave import WITHDRAWN, close_hopeless, stop, tell_ended
from services.executor.dispatch.decide.lend import lend_all
from services.executor.dispatch.event import AttemptClosed, AttemptQueued, AttemptStopping
from services.executor.dispatch.turn import Turn


def enqueue(turn: Turn, message: EnqueueAttempt) -> None:
    name = message.group
    group = turn.state.group(name)
    key = attempt_id(message.task_run_id, message.attempt)
    if key in group.attempts or key in group.closed:
        return
    turn.note(
        AttemptQueued(
            group=name,
            execution_id=message.execution_id,
            task_run_id=message.task_run_id,
            attempt=message.attempt,
            fair_key=message.fair_key,
            priority=message.priority,
            run=message.run,
            reply_to=message.reply_to,
            wait=message.wait,
            pinned_to=message.worker_id,
        )
    )
    assign(turn, name)
    close_hopeless(turn, name)
    if message.borrower is not None:
        lend_all(turn, name, message.borrower)


def withdraw(turn: Turn, message: WithdrawAttempt) -> None:
    name = message.group
    group = turn.state.group(name)
    key = attempt_id(message.task_run_id, message.attempt)
    attempt = group.attempts.get(key)
    if attempt is not None and attempt.worker_id is not None:
        if not attempt.stopping:
            turn.note(AttemptStopping(group=name, key=key))
            stop(turn, name, key, attempt)
        return
    if key not in group.closed:
        turn.note(AttemptClosed(group=name, key=key, execution_id=message.execution_id))
    # Answer in any case, because the executor must never wait for ever.
    tell_ended(turn, message, "cancelled", WITHDRAWN)


def stop_again(turn: Turn, name: str, key: str) -> None:
    """Ask again, because the worker has not reported that it stopped."""
    attempt = turn.state.group(name).attempts.get(key)
    if attempt is not None and attempt.stopping and attempt.worker_id is not None:
        stop(turn, name, key, attempt)
