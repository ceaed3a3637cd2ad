"""Parallel, If and ForEach (docs/language/tasks.md#flowable)."""

import pytest

from contracts.machine import TimerDue
from tests.support.spec import FlowBook, World
from tests.unit.executor.executions.flows import PARALLEL, loop


def world_of(source: str, **start) -> World:
    world = World(FlowBook(source))
    world.start("f", **start)
    return world


def test_parallel_starts_as_many_as_may_run_at_once():
    world = world_of(PARALLEL)
    assert world.out() == ["a", "b"]
    world.report("b")
    assert world.out() == ["a", "c"]
    world.report("a")
    world.report("c")
    assert world.out() == ["last"]
    world.report("last")
    assert world.state() == "SUCCESS"
    world.assert_rebuilds()


def test_after_a_failure_parallel_starts_nothing_new_and_waits_for_what_runs():
    world = world_of(PARALLEL)
    world.report("a", "failed")
    assert world.out() == ["b"]
    assert world.states()["p"] == "RUNNING"
    world.report("b")
    assert world.states() == {"p": "FAILED", "a": "FAILED", "b": "SUCCESS"}
    assert world.state() == "FAILED"


CONDITION = """
id: f
namespace: tests
inputs:
  - {id: big, type: BOOLEAN}
tasks:
  - id: choose
    type: io.kestra.plugin.core.flow.If
    condition: "{{ inputs.big }}"
    then:
      - {id: yes, type: io.kestra.plugin.core.log.Log, message: "{{ parent.outputs.evaluationResult }}"}
    ELSE
  - {id: last, type: io.kestra.plugin.core.log.Log, message: last}
"""
ELSE = "else: [{id: no, type: io.kestra.plugin.core.log.Log, message: 'no'}]"


@pytest.mark.parametrize(
    ("big", "other", "runs"), [(True, ELSE, "yes"), (False, ELSE, "no"), (False, "", None)]
)
def test_if_renders_its_condition_once_and_runs_one_branch(big, other, runs):
    world = world_of(
        CONDITION.replace("ELSE", other).replace("id: yes", 'id: "yes"').replace("id: no", 'id: "no"'),
        inputs={"big": big},
    )
    assert world.run("choose").outputs == {"evaluationResult": big}
    if runs:
        assert world.out() == [runs]
        world.report(runs)
    assert world.states()["choose"] == "SUCCESS"
    assert world.out() == ["last"]


def test_a_condition_that_cannot_be_rendered_fails_the_if():
    world = world_of(
        CONDITION.replace("inputs.big", "no.such.thing").replace("ELSE", ""), inputs={"big": True}
    )
    assert world.states() == {"choose": "FAILED"}
    assert world.state() == "FAILED"


def test_for_each_runs_its_body_in_sequence_value_after_value_without_duplicates():
    world = world_of(loop(1))
    seen = []
    while world.out() != ["last"]:
        (name,) = world.out()
        seen.append(name)
        world.report(name, outputs={"value": name})
    assert seen == ["one[x]", "two[x]", "one[y]", "two[y]"]
    assert [run.iteration for run in world.seen().runs.values()] == [None, 0, 0, 1, 1, None]
    assert world.attempt("last").run.variables["outputs"]["two"]["x"] == {"value": "two[x]"}
    world.assert_rebuilds()


def test_for_each_runs_values_side_by_side_up_to_its_limit():
    world = world_of(loop(2), inputs={"values": "[1, 2, 3]"})
    assert world.out() == ["one[1]", "one[2]"]
    world.report("one[2]", outputs={"value": "b"})
    assert world.out() == ["one[1]", "two[2]"]
    assert world.attempt("two[2]").run.variables["outputs"]["one"]["2"] == {"value": "b"}
    world.report("two[2]")
    assert world.out() == ["one[1]", "one[3]"]


def test_for_each_begins_no_value_after_a_failure():
    world = world_of(loop(2), inputs={"values": "[1, 2, 3]"})
    world.report("one[1]", "failed")
    world.report("one[2]")
    assert world.states() == {"each": "FAILED", "one[1]": "FAILED", "one[2]": "SUCCESS"}


def test_for_each_over_nothing_succeeds():
    world = world_of(loop(1), inputs={"values": "[]"})
    assert world.states() == {"each": "SUCCESS", "last": "SUBMITTED"}


@pytest.mark.parametrize(
    ("values", "message"),
    [("[1, null]", "Found '1' null values on Each"), ('{"a": 1}', ""), ('"text"', "not a JSON array")],
)
def test_for_each_refuses_values_that_are_no_list_of_values(values, message):
    world = world_of(loop(1), inputs={"values": values})
    if message:
        assert message in world.run("each").message
        assert world.state() == "FAILED"
    else:
        assert world.out() == ['one[{"key":"a","value":1}]']


def test_nested_loops_address_outputs_by_both_values_as_in_trace_d():
    flow = """
    id: f
    namespace: tests
    tasks:
      - id: outer
        type: io.kestra.plugin.core.flow.ForEach
        values: [x, y]
        tasks:
          - id: inner
            type: io.kestra.plugin.core.flow.ForEach
            values: [1, 2]
            tasks:
              - {id: leaf, type: io.kestra.plugin.core.debug.Return, format: "{{ parents }} {{ parent.taskrun.value }}"}
      - {id: last, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.leaf.x['1'].value }}"}
    """
    world = world_of(flow)
    run = world.attempt("leaf[1]").run
    assert run.variables["parent"] == {"taskrun": {"value": "x"}}
    assert run.variables["taskrun"]["value"] == "1"
    assert run.variables["taskrun"]["iteration"] == 0
    count = 0
    while world.out() != ["last"]:
        (name,) = world.out()
        world.report(name, outputs={"value": count})
        count += 1
    assert world.attempt("last").run.variables["outputs"]["leaf"] == {
        "x": {"1": {"value": 0}, "2": {"value": 1}},
        "y": {"1": {"value": 2}, "2": {"value": 3}},
    }
    world.assert_rebuilds()


WIDE = """
id: f
namespace: tests
inputs:
  - {id: values, type: JSON}
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{ inputs.values }}"
    concurrencyLimit: 0
    tasks:
      - {id: leaf, type: io.kestra.plugin.core.log.Log, message: "{{ taskrun.value }}"}
"""


def test_a_wide_loop_begins_in_pieces_and_continues_by_timers():
    world = world_of(WIDE, inputs={"values": str(list(range(120)))})
    assert len(world.out()) == 49
    assert len(world.timers) == 1
    world.settle()
    assert len(world.out()) == 120
    world.run_to_end()
    assert world.state() == "SUCCESS"
    world.assert_rebuilds()


def test_a_continuation_that_comes_again_or_late_does_nothing():
    world = world_of(WIDE, inputs={"values": str(list(range(60)))})
    (name,) = world.timers
    world.settle()
    assert world.when(TimerDue(name, world.at)).events == []
    world.run_to_end()
    assert world.when(TimerDue(name, world.at)).events == []
