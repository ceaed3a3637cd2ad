"""Polls: when a source is asked, and what its answer starts.

Theory of operation. ``next_at`` of a polled trigger is when its source is asked again, and ``evaluation`` is the poll that is out.
Only TriggerEvaluating begins one, and only TriggerEvaluated ends it, so there is never a second one. While it is out, the
trigger's timer stands at the end of its time: it is then withdrawn from dispatch, again and again until somebody reports its end.
Dispatch and workers report the end of every attempt, so each evaluation ends.

A subscription is a poll that waits on its worker until there are events, and that is asked again at once. So there is always one out.
Its events are acknowledged to their source by the next one, which knows what was accepted. It locks nothing.

The id of an execution is derived from the trigger and the id of the event. A report that comes twice names an evaluation that is
over, and an event that is found twice is known by its id.
"""

from __future__ import annotations

import msgspec

from contracts.address import ReplyTo
from contracts.codec import encode
from contracts.execution import AttemptEnded, StartExecution
from contracts.json_text import loads
from contracts.language.flow.trigger_start import TriggerStart, flow_reference, trigger_scope, trigger_start
from contracts.polling import FoundEvent, Poll
from contracts.scalars import JsonObject, Millis, derive_id, to_iso
from contracts.trigger import TriggerEvaluated, TriggerEvaluating, TriggerSkipped
from contracts.work import EnqueueAttempt, RunAttempt, WithdrawAttempt
from services.trigger_listener.core.decide.start import send_start, start_of
from services.trigger_listener.core.polling import Polling, read_polling
from services.trigger_listener.core.state import Trigger
from services.trigger_listener.core.turn import Turn, names

AGAIN_MS = 10_000
"""How soon a source is asked again after its poll was lost with its worker, or no worker was there."""
WITHDRAW_AGAIN_MS = 30_000
BREATH_MS = 1_000
"""Between two polls of a subscription, if the first ended at once without news, or was lost."""
_FIRST_LINE = 1_000_000
"""Numbers of lines that are written here begin so high, because the worker numbers its own of the same evaluation."""


def poll_due(turn: Turn, key: str) -> bool:
    """Ask the source if it is time. Return False if this is not for polls to decide."""
    trigger = turn.state.by_key.get(key)
    if trigger is None or trigger.locked_by is not None:
        return False
    if trigger.evaluation is not None:
        withdraw(turn, trigger)
        turn.timer(key, turn.at + WITHDRAW_AGAIN_MS)
        return True
    if not turn.polls.polled(trigger.trigger_type):
        return False
    polling = read_polling(trigger.definition)
    if polling is not None and trigger.idle and trigger.next_at is not None and trigger.next_at <= turn.at:
        _ask_if_wanted(turn, trigger, polling)
    turn.await_slot(key)
    return True


def first_poll(turn: Turn, known: Trigger | None, definition: bytes) -> Millis | None:
    """Return when a source is asked whose trigger is defined now. A save makes it later for nobody."""
    polling = read_polling(definition)
    if polling is None:
        return None
    if known is None or known.next_at is None:
        return turn.at
    return min(known.next_at, turn.at + polling.interval_ms)


def reported(turn: Turn, message: AttemptEnded) -> None:
    """Take the end of a poll, from its worker or from dispatch. One that is not out any more means nothing."""
    key = turn.state.evaluations.get(message.task_run_id)
    trigger = turn.state.by_key.get(key) if key is not None else None
    if key is None or trigger is None or trigger.evaluation is None:
        return
    polling = read_polling(trigger.definition)
    if polling is None:  # it was defined anew while the poll was out
        _end(turn, trigger, None, message.worker_id, problem="its definition can not be polled any more")
    elif message.outcome in ("succeeded", "warned"):
        _take(turn, trigger, polling, message)
    else:
        _take_failure(turn, trigger, polling, message)
    turn.await_slot(key)


def renew(turn: Turn, trigger: Trigger) -> None:
    """Stop a subscription that is out, because it is of an older revision or not wanted now. What it has not reported comes again."""
    if trigger.evaluation is not None and turn.polls.subscribed(trigger.trigger_type):
        withdraw(turn, trigger)


def abandon(turn: Turn, trigger: Trigger, reason: str) -> None:
    """End the poll that is out, whatever becomes of it."""
    withdraw(turn, trigger)
    polling = read_polling(trigger.definition)
    following = None if polling is None else turn.at + polling.interval_ms
    _say(turn, trigger, reason)
    _end(turn, trigger, following, "", problem=reason)


def withdraw(turn: Turn, trigger: Trigger) -> None:
    evaluation = trigger.evaluation
    assert evaluation is not None
    message = WithdrawAttempt(
        group=evaluation.group,
        execution_id=_execution_id(trigger, evaluation.id),
        task_run_id=evaluation.id,
        attempt=1,
        at=turn.at,
        reply_to=_answers(trigger),
    )
    turn.send("dispatch.commands", evaluation.group, message)


def fail_poll(turn: Turn, key: str, error: str) -> bool:
    """A decision about a poll raised. End it, or pass over it. Return False if there is no poll."""
    trigger = turn.state.by_key.get(key)
    polling = None if trigger is None else read_polling(trigger.definition)
    if trigger is None or polling is None or not turn.polls.polled(trigger.trigger_type):
        return False
    following = turn.at + polling.interval_ms
    if trigger.evaluation is not None:
        _end(turn, trigger, following, "", problem=error)
    else:
        _pass_over(turn, trigger, following, error)
    turn.await_slot(key)
    return True


def _ask_if_wanted(turn: Turn, trigger: Trigger, polling: Polling) -> None:
    following = turn.at + polling.interval_ms
    seen = {**_seen(trigger), "trigger": {"date": to_iso(turn.at)}}
    scope = trigger_scope(seen, turn.at, trigger.key)
    wanted = trigger_start(polling.before, scope)
    if wanted is None:
        _pass_over(turn, trigger, following, "its `when` is false")
    elif wanted.failure:
        _pass_over(turn, trigger, following, wanted.failure)
        _start_failed(turn, trigger, polling, derive_id("poll", trigger.key, str(turn.at)), wanted.failure)
    else:
        _ask(turn, trigger, polling)


def _ask(turn: Turn, trigger: Trigger, polling: Polling) -> None:
    evaluation_id = derive_id("evaluation", trigger.key, str(trigger.revision), str(turn.at))
    group = polling.group or turn.polls.group
    run = _attempt(turn, trigger, polling, evaluation_id)
    until = turn.at + 2 * turn.polls.timeout_ms
    turn.note(
        TriggerEvaluating(**names(trigger), at=turn.at, evaluation_id=evaluation_id, until=until, group=group)
    )
    command = EnqueueAttempt(
        group=group,
        execution_id=run.execution_id,
        task_run_id=evaluation_id,
        attempt=1,
        fair_key=f"{trigger.namespace}/{trigger.flow_id}",
        at=turn.at,
        run=msgspec.Raw(encode(run)),
        reply_to=run.reply_to,
        wait=False,
    )
    turn.send("dispatch.commands", group, command)


def _attempt(turn: Turn, trigger: Trigger, polling: Polling, evaluation_id: str) -> RunAttempt:
    described = {"id": trigger.trigger_id, "type": trigger.trigger_type}
    return RunAttempt(
        execution_id=_execution_id(trigger, evaluation_id),
        task_run_id=evaluation_id,
        attempt=1,
        namespace=trigger.namespace,
        flow_id=trigger.flow_id,
        revision=trigger.revision,
        task_id=trigger.trigger_id,
        task_type=trigger.trigger_type,
        task=msgspec.Raw(polling.task),
        variables={**_seen(trigger), "trigger": described},
        timeout_template=f"PT{turn.polls.timeout_ms / 1000:g}S",
        reply_to=_answers(trigger),
        poll=Poll(trigger.trigger_id, list(trigger.accepted)),
    )


def _take(turn: Turn, trigger: Trigger, polling: Polling, message: AttemptEnded) -> None:
    """Start what was found, but for what the last such evaluation started already."""
    decided: dict[str, StartExecution | None] = {}
    problem = ""
    for event in message.found:
        event_id = event.id or message.task_run_id
        if event_id in trigger.accepted or event_id in decided:
            continue
        start = _start(turn, trigger, polling, FoundEvent(event_id, event.variables))
        if start is not None and start.failure and not polling.fail_on_error:
            problem, start = start.failure, None
        decided[event_id] = start
    if problem:
        _say(turn, trigger, problem)
    following = turn.at + _pause(turn, trigger, polling, news=bool(decided))
    _end(turn, trigger, following, message.worker_id, decided, problem, polling)


def _take_failure(turn: Turn, trigger: Trigger, polling: Polling, message: AttemptEnded) -> None:
    """What the worker failed with is in the log already. What only dispatch knows is not."""
    by_the_source = message.outcome in ("failed", "timed_out") and not message.unserved
    evaluation = trigger.evaluation
    assert evaluation is not None
    if not by_the_source:
        _say(turn, trigger, message.message or f"the poll was {message.outcome}")
    starts: dict[str, StartExecution | None] = {}
    if by_the_source and polling.fail_on_error:
        starts[evaluation.id] = _failed_start(turn, trigger, evaluation.id, message.message)
    if turn.polls.subscribed(trigger.trigger_type):
        pause = BREATH_MS if message.outcome in ("lost", "cancelled") and not message.unserved else AGAIN_MS
    else:
        pause = polling.interval_ms if by_the_source else min(AGAIN_MS, polling.interval_ms)
    problem = message.message or f"the poll was {message.outcome}"
    _end(turn, trigger, turn.at + pause, message.worker_id, starts, problem, polling)


def _pause(turn: Turn, trigger: Trigger, polling: Polling, *, news: bool) -> Millis:
    """Return how long nothing is asked after a poll that succeeded."""
    if not turn.polls.subscribed(trigger.trigger_type):
        return polling.interval_ms
    assert trigger.evaluation is not None
    waited = turn.at - trigger.evaluation.since
    return 0 if news or waited >= BREATH_MS else BREATH_MS


def _end(  # noqa: PLR0913 - all that an evaluation may end with
    turn: Turn,
    trigger: Trigger,
    next_at: Millis | None,
    worker_id: str,
    decided: dict[str, StartExecution | None] | None = None,
    problem: str = "",
    polling: Polling | None = None,
) -> None:
    """``decided``: what each event starts."""
    evaluation = trigger.evaluation
    assert evaluation is not None
    starts = [start for start in (decided or {}).values() if start is not None]
    free = polling is None or polling.allow_concurrent or turn.polls.subscribed(trigger.trigger_type)
    turn.note(
        TriggerEvaluated(
            **names(trigger),
            at=turn.at,
            evaluation_id=evaluation.id,
            next_at=next_at,
            executions=[start.execution_id for start in starts],
            accepted=list(decided or {}),
            locked_by=None if free or not starts else starts[-1].execution_id,
            problem=problem,
            worker_id=worker_id,
        )
    )
    for start in starts:
        send_start(turn, trigger, start, locks=start.execution_id == trigger.locked_by)


def _pass_over(turn: Turn, trigger: Trigger, next_at: Millis, reason: str) -> None:
    slot = trigger.next_at if trigger.next_at is not None else turn.at
    turn.note(TriggerSkipped(**names(trigger), at=turn.at, slot_at=slot, next_at=next_at, reason=reason))


def _start(turn: Turn, trigger: Trigger, polling: Polling, event: FoundEvent) -> StartExecution | None:
    execution_id = _execution_id(trigger, event.id)
    scope = trigger_scope({**_seen(trigger), "trigger": event.variables}, turn.at, execution_id)
    rendered = trigger_start(polling.after, scope)
    if rendered is None:
        return None
    return start_of(turn, trigger, execution_id, event.variables, rendered)


def _failed_start(turn: Turn, trigger: Trigger, event_id: str, reason: str) -> StartExecution:
    """Return the execution that shows why a source could not be asked."""
    failed = TriggerStart({}, failure=f"The trigger could not be evaluated: {reason}")
    return start_of(turn, trigger, _execution_id(trigger, event_id), {}, failed)


def _start_failed(turn: Turn, trigger: Trigger, polling: Polling, event_id: str, reason: str) -> None:
    if polling.fail_on_error:
        send_start(turn, trigger, _failed_start(turn, trigger, event_id, reason), locks=False)


def _say(turn: Turn, trigger: Trigger, message: str) -> None:
    """Write a line to the log of the trigger."""
    evaluation = trigger.evaluation
    assert evaluation is not None
    turn.warn(trigger, _execution_id(trigger, evaluation.id), _FIRST_LINE, message)


def _seen(trigger: Trigger) -> JsonObject:
    """Return what templates see of the flow."""
    variables: JsonObject = loads(trigger.variables) if trigger.variables else {}
    return {**flow_reference(trigger.namespace, trigger.flow_id, trigger.revision), **variables}


def _execution_id(trigger: Trigger, event_id: str) -> str:
    return derive_id("poll", trigger.key, event_id)


def _answers(trigger: Trigger) -> ReplyTo:
    return ReplyTo("triggers.reports", trigger.key)
