"""The executor tells a Flow trigger of an execution that reached a state.

Theory of operation. The executor tells each trigger that may be concerned, at least once, and the events of one execution in their
order. ``heard`` of a trigger knows the executions that it noted, so a message that comes again means nothing. The id of an execution is
derived from the trigger and from the event of the other execution, so it starts once even where ``heard`` has forgotten it.

The definition comes from the registry, on the same topic but in its own time. What concerns a revision that is not here yet is kept until
it comes.
"""

from __future__ import annotations

from contracts.codec import encode
from contracts.language.flow.flow_trigger import read_flow_trigger
from contracts.language.types.trigger.flow import FLOW
from contracts.scalars import trigger_key
from contracts.trigger import ExecutionMoved
from services.trigger_listener.core.decide.hear import hear, pass_over
from services.trigger_listener.core.event import MoveKept, MovesTaken
from services.trigger_listener.core.evolve import early_entity
from services.trigger_listener.core.turn import Turn

WAIT_MS = 600_000
"""How long an execution waits for the definition of the trigger that it concerns."""
BYTES_PER_STEP = 200_000
"""So much of what waited is decided in one step, because what it starts has about the same size again."""
MOST_KEPT = 200
"""So many wait for one definition. What comes after them is lost."""


def told(turn: Turn, message: ExecutionMoved) -> None:
    key = trigger_key(message.namespace, message.flow_id, message.trigger_id)
    trigger = turn.state.by_key.get(key)
    if trigger is None or trigger.revision < message.revision:
        if len(turn.state.early.get(key, ())) < MOST_KEPT:
            turn.note(MoveKept(key=key, told=message))
            turn.timer(early_entity(key), turn.at + WAIT_MS)
        return
    if trigger.trigger_type != FLOW.name or trigger.disabled:
        return
    flow = read_flow_trigger(trigger.definition)
    moved = message.moved
    if flow is None or moved.state not in flow.states or trigger.heard.get(moved.id, 0) >= moved.seq:
        return
    hear(turn, trigger, flow, message)


def catch_up(turn: Turn, key: str) -> None:
    """A definition came, or it is time to look at what waits for one. Decide what waited long enough, as much as one record takes."""
    kept = turn.state.early.get(key)
    if not kept:
        return
    trigger = turn.state.by_key.get(key)
    revision = trigger.revision if trigger is not None else 0
    if kept[0].revision <= revision:
        _decide(turn, key, kept)
    left = turn.state.early.get(key)
    ready = bool(left) and left is not None and left[0].revision <= revision
    turn.timer(early_entity(key), None if not left else turn.at if ready else left[0].at + WAIT_MS)


def give_up(turn: Turn, name: str) -> None:
    """The time of what waits for a definition is over, or there is more to decide. Nobody defines a trigger that was removed."""
    key = name.removeprefix(early_entity(""))
    kept = turn.state.early.get(key, [])
    late = sum(each.at + WAIT_MS <= turn.at for each in kept)
    trigger = turn.state.by_key.get(key)
    if late and (trigger is None or trigger.revision < kept[0].revision):
        turn.note(MovesTaken(key=key, count=late))
    catch_up(turn, key)


def _decide(turn: Turn, key: str, kept: list[ExecutionMoved]) -> None:
    taken: list[ExecutionMoved] = []
    size = 0
    for each in kept:
        size += len(encode(each))
        if taken and size > BYTES_PER_STEP:
            break
        taken.append(each)
    turn.note(MovesTaken(key=key, count=len(taken)))
    for each in taken:
        told(turn, each)


def failed(turn: Turn, message: ExecutionMoved, error: str) -> None:
    """A decision raised. Pass the execution over."""
    key = trigger_key(message.namespace, message.flow_id, message.trigger_id)
    trigger = turn.state.by_key.get(key)
    if trigger is not None:
        pass_over(turn, trigger, message.moved, error, problem=error)
