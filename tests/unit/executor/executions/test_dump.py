"""The state of executions as items, and back."""

from contracts.topics import SOFT_RECORD_BYTES
from services.executor.executions.machine import ExecutionMachine
from tests.support.rig.executions import ExecutionRig
from tests.unit.executor.executions.flows import WIDE


def test_a_large_execution_is_dumped_in_several_items_that_load_in_any_order():
    rig = ExecutionRig(WIDE)
    rig.start("f", inputs={"values": list(range(3_000))})
    rig.settle()
    for number in range(100):
        rig.report(f"leaf[{number}]", outputs={"value": "x" * 10_000})
    items = list(rig.machine.dump())
    assert len(items) > 8
    assert all(len(item) < SOFT_RECORD_BYTES for item in items)
    loaded = ExecutionMachine(rig.flows)
    loaded.load(reversed(items))
    assert sorted(loaded.dump()) == sorted(items)
    rig.machine = loaded
    rig.run_to_end()
    assert rig.state() == "SUCCESS"


def test_integers_over_64_bits_survive_a_dump():
    rig = ExecutionRig(WIDE)
    rig.start("f", inputs={"values": [10**30, -(10**30), 2**63]})
    items = list(rig.machine.dump())
    loaded = ExecutionMachine(rig.flows)
    loaded.load(items)
    assert sorted(loaded.dump()) == sorted(items)
    assert loaded.state.executions["e1"].inputs["values"] == [10**30, -(10**30), 2**63]
