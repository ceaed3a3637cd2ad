"""The order in which attempts leave: by priority, then lanes in turns, then first in first out."""

from __future__ import annotations

from typing import NamedTuple

from services.executor.dispatch.queue import Queue


class Waiting(NamedTuple):
    fair_key: str
    priority: int = 0


A, B, URGENT = Waiting("a"), Waiting("b"), Waiting("a", 9)


def leave(queue: Queue, waiting: dict[str, Waiting]) -> list[str]:
    """Return all keys in the order in which they are taken."""
    taken = []
    while queue:
        taken.append(queue.first())
        queue.take(taken[-1], waiting[taken[-1]])
    return taken


def a_queue(waiting: dict[str, Waiting]) -> Queue:
    queue = Queue()
    for key, each in waiting.items():
        queue.add(key, each)
    return queue


def test_lanes_take_turns_and_within_one_the_oldest_leaves_first() -> None:
    waiting = {"a1": A, "a2": A, "a3": A, "b1": B, "b2": B}
    assert leave(a_queue(waiting), waiting) == ["a1", "b1", "a2", "b2", "a3"]


def test_a_higher_priority_leaves_before_all_others() -> None:
    waiting = {"a1": A, "b1": B, "now": URGENT}
    assert leave(a_queue(waiting), waiting) == ["now", "a1", "b1"]


def test_what_is_put_back_is_first_again() -> None:
    waiting = {"a1": A, "a2": A, "b1": B}
    queue = a_queue(waiting)
    queue.take("a1", A)
    queue.put_back("a1", A)
    assert leave(queue, waiting) == ["a1", "b1", "a2"]


def test_what_is_removed_is_gone_and_an_empty_queue_is_false() -> None:
    queue = a_queue({"a1": A, "b1": B})
    queue.remove("a1", A)
    assert (queue.first(), len(queue)) == ("b1", 1)
    queue.remove("b1", B)
    assert not queue
    assert len(queue) == 0


def test_its_keys_added_in_order_give_the_same_queue() -> None:
    waiting = {"a1": A, "a2": A, "b1": B, "now": URGENT}
    queue = a_queue(waiting)
    queue.take("now", URGENT)
    queue.add("now", URGENT)
    queue.take("a1", A)
    queue.add("a1", A)
    again = a_queue({key: waiting[key] for key in queue.keys()})  # noqa: SIM118 - not a map
    assert leave(again, waiting) == leave(queue, waiting)
