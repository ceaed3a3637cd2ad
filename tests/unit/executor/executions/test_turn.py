"""No content of an execution makes a record, a step or an item grow without bound."""

import json

from contracts.codec import encode
from contracts.topics import HARD_RECORD_BYTES, SOFT_RECORD_BYTES
from tests.support.rig.executions import ExecutionRig
from tests.unit.executor.executions.flows import WIDE


def size(step) -> int:
    return sum(len(encode(event)) for event in step.events) + sum(
        len(encode(out.message)) for out in step.outbox
    )


def test_no_step_of_a_wide_loop_with_large_variables_comes_near_the_limit_of_a_record():
    rig = ExecutionRig(WIDE)
    values = json.dumps([f"value {number} " + "." * 30 for number in range(5_000)])
    sizes = [size(rig.start("f", inputs={"values": values, "text": "t" * 20_000}))]
    while rig.timers:
        sizes.append(size(rig.fire(next(iter(rig.timers)))))
    assert len(rig.out()) == 5_000
    assert max(sizes) < HARD_RECORD_BYTES * 0.8
    assert all(len(item) < SOFT_RECORD_BYTES for item in rig.machine.dump())
