"""Laws of concurrency slots under random orders, repeats and restarts."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contracts.execution import SlotGranted, SlotQueued, SlotRefused
from contracts.limit import AcquireSlot, LimitCommand, ReleaseSlot, SetLimit
from tests.support.rig.limits import KEY, LimitRig


class Limiting(RuleBasedStateMachine):
    """The test plays the executor. ``granted`` is what the executor believes to hold a slot."""

    def __init__(self) -> None:
        super().__init__()
        self.rig = LimitRig()
        self.sent: list[LimitCommand] = []
        self.limit: int | None = 2
        self.waiting: list[str] = []
        self.granted: list[str] = []
        self.asked = 0
        self.step(SetLimit(limit_key=KEY, limit=2, behavior="QUEUE", at=0))

    def step(self, message: LimitCommand, *, again: bool = False) -> None:
        if not again:
            self.sent.append(message)
        step = self.rig.when(message)
        for out in step.outbox:
            match out.message:
                case SlotGranted(execution_id=name):
                    if name in self.waiting:
                        assert name == self.waiting[0] or again, "not first in, first out"
                        self.waiting.remove(name)
                        self.granted.append(name)
                        assert self.limit is None or len(self.granted) <= self.limit, "over the limit"
                case SlotQueued(execution_id=name):
                    assert name in self.waiting or name in self.granted
                case SlotRefused():
                    raise AssertionError("nothing refuses here")

    @rule()
    def acquire(self) -> None:
        self.rig.tick()
        name = f"e{self.asked}"
        self.asked += 1
        self.waiting.append(name)
        self.step(
            AcquireSlot(
                limit_key=KEY, execution_id=name, limit=self.limit or 1, behavior="QUEUE", at=self.rig.now
            )
        )

    @precondition(lambda self: self.granted or self.waiting)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        self.rig.tick()
        name = data.draw(st.sampled_from(self.granted + self.waiting))
        (self.granted if name in self.granted else self.waiting).remove(name)
        self.step(ReleaseSlot(limit_key=KEY, execution_id=name, at=self.rig.now))

    @rule(limit=st.none() | st.integers(1, 4))
    def set_limit(self, limit: int | None) -> None:
        self.rig.tick()
        self.limit = limit
        self.step(SetLimit(limit_key=KEY, limit=limit, behavior="QUEUE", at=self.rig.now))

    @rule(count=st.integers(1, 6))
    def send_again(self, count: int) -> None:
        """After a crash of the executor: send the last messages again, in their order."""
        for message in self.sent[-count:]:
            self.step(message, again=True)

    @rule(snapshot=st.booleans())
    def restart(self, snapshot: bool) -> None:
        self.rig.restart(snapshot=snapshot)

    @invariant()
    def nobody_waits_while_a_slot_is_free(self) -> None:
        limit = self.rig.limit
        if limit is not None and limit.limit is not None and limit.queue:
            assert len(limit.holders) >= limit.limit, "a slot is free"

    @invariant()
    def the_executor_and_the_machine_agree(self) -> None:
        limit = self.rig.limit
        assert sorted(self.granted) == sorted(limit.holders if limit else [])
        assert self.waiting == list(limit.queue if limit else [])


TestLimiting = Limiting.TestCase
TestLimiting.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
