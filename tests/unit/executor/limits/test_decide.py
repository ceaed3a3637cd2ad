"""Slots are granted, queued, refused and handed on."""

from __future__ import annotations

import pytest

from contracts.execution import CheckExecution
from contracts.machine import Step
from services.executor.limits.decide import CHECK_MS, CHECKED_AT_ONCE
from tests.support.rig import messages
from tests.support.rig.limits import KEY, LimitRig


def test_slots_are_granted_up_to_the_limit_and_then_queued(rig: LimitRig) -> None:
    assert rig.acquire("a", limit=2) == ["granted a"]
    assert rig.acquire("b", limit=2) == ["granted b"]
    assert rig.acquire("c", limit=2) == ["queued c"]


@pytest.mark.parametrize("behavior", ["CANCEL", "FAIL"])
def test_at_the_limit_the_behavior_may_be_to_refuse(rig: LimitRig, behavior) -> None:
    rig.acquire("a", behavior=behavior)

    assert rig.acquire("b", behavior=behavior) == ["refused b"]
    assert rig.release("b") == [], "it never held a slot"
    assert rig.acquire("c", behavior=behavior) == ["refused c"]


def test_a_released_slot_goes_to_the_oldest_in_the_queue(rig: LimitRig) -> None:
    for name in "abc":
        rig.acquire(name)

    assert rig.release("a") == ["granted b"]
    assert rig.release("b") == ["granted c"]
    assert rig.release("c") == []


def test_leaving_the_queue_frees_nothing(rig: LimitRig) -> None:
    for name in "abc":
        rig.acquire(name)

    assert rig.release("b") == []
    assert rig.release("a") == ["granted c"]


def test_asking_again_gives_the_same_answer(rig: LimitRig) -> None:
    rig.acquire("a", at=10)
    rig.acquire("b", at=11)
    rig.acquire("c", behavior="CANCEL", at=12)

    assert rig.acquire("a", at=10) == ["granted a"]
    assert rig.acquire("b", at=11) == ["queued b"]


def test_a_refused_request_sent_again_stays_refused_though_a_slot_is_free(rig: LimitRig) -> None:
    rig.acquire("a", behavior="FAIL", at=10)
    rig.acquire("b", behavior="FAIL", at=11)
    rig.release("a", at=12)

    assert rig.acquire("b", behavior="FAIL", at=11) == ["refused b"]
    assert rig.acquire("c", behavior="FAIL", at=13) == ["granted c"]


def test_a_request_sent_again_after_its_release_takes_no_slot(rig: LimitRig) -> None:
    rig.acquire("a", at=10)
    rig.release("a", at=11)

    assert rig.acquire("a", at=10) == []
    assert rig.acquire("b") == ["granted b"]


def test_a_restarted_execution_takes_a_slot_again(rig: LimitRig) -> None:
    rig.acquire("a", at=10)
    rig.release("a", at=11)
    assert rig.acquire("b", at=12) == ["granted b"]

    assert rig.acquire("a", at=13) == ["queued a"]
    assert rig.release("a", at=11) == [], "the old release, sent again"
    assert rig.release("b", at=14) == ["granted a"]


def test_a_release_twice_hands_on_once(rig: LimitRig) -> None:
    for name in "abc":
        rig.acquire(name)

    assert rig.release("a") == ["granted b"]
    assert rig.release("a") == []


def test_raising_the_limit_frees_the_queue_as_far(rig: LimitRig) -> None:
    for name in "abcd":
        rig.acquire(name)

    assert rig.set_limit(3) == ["granted b", "granted c"]


def test_lowering_the_limit_lets_holders_run_out(rig: LimitRig) -> None:
    for name in "abc":
        rig.acquire(name, limit=2)

    assert rig.set_limit(1) == []
    assert rig.release("a") == []
    assert rig.release("b") == ["granted c"]


def test_removing_the_limit_frees_the_queue(rig: LimitRig) -> None:
    for name in "abc":
        rig.acquire(name)

    assert rig.set_limit(None) == ["granted b", "granted c"]
    assert [rig.release(name) for name in "abc"] == [[], [], []]
    assert rig.machine.state.by_key == {}


def test_the_registrys_limit_counts_not_that_of_a_request(rig: LimitRig) -> None:
    rig.set_limit(2, behavior="CANCEL")

    assert rig.acquire("a", limit=1) == ["granted a"]
    assert rig.acquire("b", limit=1) == ["granted b"]
    assert rig.acquire("c", limit=9) == ["refused c"]


def test_an_older_limit_sent_again_is_passed_over(rig: LimitRig) -> None:
    rig.set_limit(1, at=10)
    rig.set_limit(2, at=20)

    rig.set_limit(1, at=10)

    assert [rig.acquire(name) for name in "ab"] == [["granted a"], ["granted b"]]


def test_who_holds_a_slot_for_long_is_asked_whether_it_is_open(rig: LimitRig) -> None:
    rig.acquire("a")
    rig.acquire("b")

    steps = rig.wait(CHECK_MS)
    assert messages_of(steps) == [], "it has not held it for long"
    asked = messages_of(rig.wait(CHECK_MS))

    assert [(each.execution_id, each.limit_key) for each in asked] == [("a", KEY)]
    assert rig.release("a") == ["granted b"]
    rig.assert_rebuilds()


def test_nobody_is_asked_while_nobody_holds_a_slot(rig: LimitRig) -> None:
    rig.acquire("a")
    rig.release("a")

    assert messages_of(rig.wait(3 * CHECK_MS)) == []
    assert rig.timers == {}


def test_a_few_holders_are_asked_at_once_and_all_in_turn(rig: LimitRig) -> None:
    names = [f"e{number}" for number in range(2 * CHECKED_AT_ONCE + 50)]
    for name in names:
        rig.acquire(name, limit=1_000)
    rounds = [messages_of(rig.wait(CHECK_MS)) for _ in range(6)]

    assert max(map(len, rounds)) == CHECKED_AT_ONCE
    assert {each.execution_id for asked in rounds for each in asked} == set(names)


def messages_of(steps: list[Step]) -> list[CheckExecution]:
    return [each for step in steps for each in messages(step.outbox, CheckExecution)]
