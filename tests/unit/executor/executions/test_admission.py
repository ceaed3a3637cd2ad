from contracts.limit import AcquireSlot
from tests.support.rig.executions import started
from tests.unit.executor.executions.flows import LINEAR


def test_without_a_limit_it_runs_at_once():
    assert started(LINEAR).state() == "RUNNING"


def test_with_a_limit_it_asks_for_a_slot_first():
    rig = started(LINEAR.replace("labels:", "concurrency: {limit: 2, behavior: FAIL}\nlabels:"))
    assert rig.state() == "CREATED"
    asked = rig.sent(AcquireSlot)
    assert [(each.limit, each.behavior) for each in asked] == [(2, "FAIL")]
