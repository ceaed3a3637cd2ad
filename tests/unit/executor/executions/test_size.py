"""Nothing that an execution holds makes a record, a step or an item grow without bound."""

import json

from contracts.codec import encode
from contracts.topics import HARD_RECORD_BYTES, SOFT_RECORD_BYTES
from services.executor.executions.machine import ExecutionMachine
from tests.support.spec import BEGIN, FlowBook, World

WIDE = """
id: f
namespace: tests
inputs:
  - {id: values, type: JSON}
  - {id: text, type: STRING, defaults: x}
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{ inputs.values }}"
    concurrencyLimit: 0
    tasks:
      - {id: leaf, type: io.kestra.plugin.core.log.Log, message: "{{ inputs.text }}"}
"""


def size(step) -> int:
    return sum(len(encode(event)) for event in step.events) + sum(
        len(encode(out.message)) for out in step.outbox
    )


def test_no_step_of_a_wide_loop_with_large_variables_comes_near_the_limit_of_a_record():
    world = World(FlowBook(WIDE))
    values = json.dumps([f"value {number} " + "." * 30 for number in range(5_000)])
    sizes = [size(world.start("f", inputs={"values": values, "text": "t" * 20_000}))]
    while world.timers:
        sizes.append(size(world.fire(next(iter(world.timers)))))
    assert len(world.out()) == 5_000
    assert max(sizes) < HARD_RECORD_BYTES * 0.8
    assert all(len(item) < SOFT_RECORD_BYTES for item in world.machine.dump())


def test_values_that_are_too_many_fail_the_loop():
    world = World(FlowBook(WIDE))
    world.start("f", inputs={"values": [f"{number:0100d}" for number in range(5_000)]})
    world.settle()
    assert "450,000 characters" in world.run("each").message
    assert world.state() == "FAILED"


def test_an_attempt_whose_variables_are_too_large_fails_with_a_reason():
    flow = """
    id: f
    namespace: tests
    inputs: [{id: text, type: STRING}]
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: "{{ inputs.text }}"}
    """
    world = World(FlowBook(flow))
    world.start("f", inputs={"text": "x" * 600_000})
    world.settle()
    assert "too large to be sent" in world.run("a").message
    assert world.state() == "FAILED"


def test_outputs_that_should_have_come_by_reference_fail_the_task_run():
    flow = """
    id: f
    namespace: tests
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
    """
    world = World(FlowBook(flow))
    world.start("f")
    world.report("a", outputs={"value": "x" * 300_000})
    assert world.states() == {"a": "FAILED"}
    assert "dropped" in world.run("a").message


def test_a_large_execution_is_dumped_in_several_items_that_load_in_any_order():
    world = World(FlowBook(WIDE))
    world.start("f", inputs={"values": list(range(3_000))})
    world.settle()
    for number in range(100):
        world.report(f"leaf[{number}]", outputs={"value": "x" * 10_000})
    items = list(world.machine.dump())
    assert len(items) > 8
    assert all(len(item) < SOFT_RECORD_BYTES for item in items)
    loaded = ExecutionMachine(world.flows)
    loaded.load(reversed(items))
    assert sorted(loaded.dump()) == sorted(items)
    world.machine = loaded
    world.run_to_end()
    assert world.state() == "SUCCESS"


def test_ended_ids_are_known_for_the_window_and_survive_a_dump():
    hour = 3_600_000
    world = World(FlowBook(WIDE), {"window_ms": 2 * hour})
    for number in range(5):
        world.start("f", f"e{number}", inputs={"values": "[]"})
        world.at += hour
    loaded = ExecutionMachine(world.flows, window_ms=2 * hour)
    loaded.load(world.machine.dump())
    world.machine = loaded
    assert world.start("f", "e4", inputs={"values": "[]"}).events == []
    assert world.start("f", "e3", inputs={"values": "[]"}).events == []
    assert world.start("f", "e0", at=BEGIN, inputs={"values": "[]"}).events == []
    assert world.machine.refused == 1


def test_integers_over_64_bits_survive_a_dump():
    world = World(FlowBook(WIDE))
    world.start("f", inputs={"values": [10**30, -(10**30), 2**63]})
    items = list(world.machine.dump())
    loaded = ExecutionMachine(world.flows)
    loaded.load(items)
    assert sorted(loaded.dump()) == sorted(items)
    assert loaded.state.executions["e1"].inputs["values"] == [10**30, -(10**30), 2**63]
