from __future__ import annotations

import pytest

from contracts.execution import SlotGranted, SlotQueued, SlotRefused
from contracts.limit import AcquireSlot, ReleaseSlot, SetLimit
from contracts.machine import Step
from services.executor.limits.machine import LimitMachine

KEY = "flow:company.team/hello"


class Stage:
    def __init__(self) -> None:
        self.machine = LimitMachine()
        self.now = 1_000

    def acquire(
        self, execution: str, *, limit: int = 1, behavior="QUEUE", at: int | None = None
    ) -> list[str]:
        at = self._tick() if at is None else at
        message = AcquireSlot(limit_key=KEY, execution_id=execution, limit=limit, behavior=behavior, at=at)
        return said(self.machine.step(message, self.now))

    def release(self, execution: str, *, at: int | None = None) -> list[str]:
        at = self._tick() if at is None else at
        return said(self.machine.step(ReleaseSlot(limit_key=KEY, execution_id=execution, at=at), self.now))

    def set_limit(self, limit: int | None, *, behavior="QUEUE", at: int | None = None) -> list[str]:
        at = self._tick() if at is None else at
        message = SetLimit(limit_key=KEY, limit=limit, behavior=behavior, at=at)
        return said(self.machine.step(message, self.now))

    def _tick(self) -> int:
        self.now += 1
        return self.now


def said(step: Step) -> list[str]:
    words = {SlotGranted: "granted", SlotQueued: "queued", SlotRefused: "refused"}
    for out in step.outbox:
        assert isinstance(out.message, SlotGranted | SlotQueued | SlotRefused)
        assert (out.topic, out.message.limit_key) == ("executions.commands", KEY)
        assert out.key == out.message.execution_id
    return [f"{words[type(out.message)]} {out.key}" for out in step.outbox]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_slots_are_granted_up_to_the_limit_and_then_queued(stage: Stage) -> None:
    assert stage.acquire("a", limit=2) == ["granted a"]
    assert stage.acquire("b", limit=2) == ["granted b"]
    assert stage.acquire("c", limit=2) == ["queued c"]


@pytest.mark.parametrize("behavior", ["CANCEL", "FAIL"])
def test_at_the_limit_the_behavior_may_be_to_refuse(stage: Stage, behavior) -> None:
    stage.acquire("a", behavior=behavior)

    assert stage.acquire("b", behavior=behavior) == ["refused b"]
    assert stage.release("b") == [], "it never held a slot"
    assert stage.acquire("c", behavior=behavior) == ["refused c"]


def test_a_released_slot_goes_to_the_oldest_in_the_queue(stage: Stage) -> None:
    for name in "abc":
        stage.acquire(name)

    assert stage.release("a") == ["granted b"]
    assert stage.release("b") == ["granted c"]
    assert stage.release("c") == []


def test_leaving_the_queue_frees_nothing(stage: Stage) -> None:
    for name in "abc":
        stage.acquire(name)

    assert stage.release("b") == []
    assert stage.release("a") == ["granted c"]


def test_asking_again_gives_the_same_answer(stage: Stage) -> None:
    stage.acquire("a", at=10)
    stage.acquire("b", at=11)
    stage.acquire("c", behavior="CANCEL", at=12)

    assert stage.acquire("a", at=10) == ["granted a"]
    assert stage.acquire("b", at=11) == ["queued b"]


def test_a_refused_request_sent_again_stays_refused_though_a_slot_is_free(stage: Stage) -> None:
    stage.acquire("a", behavior="FAIL", at=10)
    stage.acquire("b", behavior="FAIL", at=11)
    stage.release("a", at=12)

    assert stage.acquire("b", behavior="FAIL", at=11) == ["refused b"]
    assert stage.acquire("c", behavior="FAIL", at=13) == ["granted c"]


def test_a_request_sent_again_after_its_release_takes_no_slot(stage: Stage) -> None:
    stage.acquire("a", at=10)
    stage.release("a", at=11)

    assert stage.acquire("a", at=10) == []
    assert stage.acquire("b") == ["granted b"]


def test_a_restarted_execution_takes_a_slot_again(stage: Stage) -> None:
    stage.acquire("a", at=10)
    stage.release("a", at=11)
    assert stage.acquire("b", at=12) == ["granted b"]

    assert stage.acquire("a", at=13) == ["queued a"]
    assert stage.release("a", at=11) == [], "the old release, sent again"
    assert stage.release("b", at=14) == ["granted a"]


def test_a_release_twice_hands_on_once(stage: Stage) -> None:
    for name in "abc":
        stage.acquire(name)

    assert stage.release("a") == ["granted b"]
    assert stage.release("a") == []


def test_raising_the_limit_frees_the_queue_as_far(stage: Stage) -> None:
    for name in "abcd":
        stage.acquire(name)

    assert stage.set_limit(3) == ["granted b", "granted c"]


def test_lowering_the_limit_lets_holders_run_out(stage: Stage) -> None:
    for name in "abc":
        stage.acquire(name, limit=2)

    assert stage.set_limit(1) == []
    assert stage.release("a") == []
    assert stage.release("b") == ["granted c"]


def test_removing_the_limit_frees_the_queue(stage: Stage) -> None:
    for name in "abc":
        stage.acquire(name)

    assert stage.set_limit(None) == ["granted b", "granted c"]
    assert [stage.release(name) for name in "abc"] == [[], [], []]
    assert stage.machine.state.by_key == {}


def test_the_registrys_limit_counts_not_that_of_a_request(stage: Stage) -> None:
    stage.set_limit(2, behavior="CANCEL")

    assert stage.acquire("a", limit=1) == ["granted a"]
    assert stage.acquire("b", limit=1) == ["granted b"]
    assert stage.acquire("c", limit=9) == ["refused c"]


def test_an_older_limit_sent_again_is_passed_over(stage: Stage) -> None:
    stage.set_limit(1, at=10)
    stage.set_limit(2, at=20)

    stage.set_limit(1, at=10)

    assert [stage.acquire(name) for name in "ab"] == [["granted a"], ["granted b"]]


def test_limits_that_only_requests_named_are_forgotten_when_unused(stage: Stage) -> None:
    stage.acquire("a")
    stage.release("a")

    assert stage.machine.state.by_key == {}


def test_a_bug_refuses_the_request(stage: Stage) -> None:
    message = AcquireSlot(limit_key=KEY, execution_id="a", limit=1, behavior="QUEUE", at=1)

    assert said(stage.machine.fail(message, 1, "trace")) == ["refused a"]


def test_a_dump_restores_everything(stage: Stage) -> None:
    stage.set_limit(2)
    for name in "abcd":
        stage.acquire(name)
    stage.release("a")

    restored = LimitMachine()
    restored.load(list(stage.machine.dump()))

    assert list(restored.dump()) == list(stage.machine.dump())
    stage.machine = restored
    assert stage.release("b") == ["granted d"]
