"""The state of dispatch as items, and back."""

from __future__ import annotations

from contracts.scalars import attempt_id
from services.executor.dispatch.machine import DispatchMachine
from tests.support.rig import is_nothing
from tests.support.rig.dispatch import GROUP, DispatchRig, runs


def test_a_dump_restores_queue_order_workers_and_memory(rig: DispatchRig) -> None:
    rig.announce("w1", slots=1)
    rig.announce("w2", slots=1)
    for name, fair_key in (("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b"), ("b2", "b")):
        rig.enqueue(name, fair_key=fair_key)
    rig.enqueue("urgent", priority=1)
    rig.report("w1", ended="a1")
    rig.withdraw("a2")

    restored = DispatchMachine()
    restored.load(list(rig.machine.dump()))

    assert list(restored.dump()) == list(rig.machine.dump())
    rig.machine = restored
    assert is_nothing(rig.enqueue("a1"))
    assert runs(rig.announce("w3", slots=9)) == ["a3", "b1", "b2"]
    assert attempt_id("urgent", 1) in restored.state.groups[GROUP].workers["w1"].running
