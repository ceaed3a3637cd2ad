"""No content of an execution makes a record, a step or an item grow without bound."""

import json
from itertools import pairwise

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


HEAVY = """
id: f
namespace: tests
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    concurrencyLimit: 0
    tasks:
      - {id: heavy, type: io.kestra.plugin.core.log.Log, message: hi, runIf: "{{ range(0, 900000) | length > 0 }}"}
"""


def test_what_many_templates_of_one_execution_take_is_spread_over_steps_and_none_of_them_fails():
    rig = ExecutionRig(HEAVY, in_place=True)
    rig.start("f")
    begun = [len(rig.states())]
    while rig.timers:
        rig.fire(next(iter(rig.timers)))
        begun.append(len(rig.states()))
    steps = [after - before for before, after in pairwise([1, *begun])]
    assert sum(steps) == 12
    assert max(steps) <= 5
    assert rig.state() == "SUCCESS"
