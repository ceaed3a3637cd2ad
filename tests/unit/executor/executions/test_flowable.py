"""Parallel, If and ForEach (docs/language/tasks.md#flowable)."""

import pytest

from tests.support.rig.executions import started
from tests.unit.executor.executions.flows import PARALLEL, loop


def test_parallel_starts_as_many_as_may_run_at_once():
    rig = started(PARALLEL)
    assert rig.out() == ["a", "b"]
    rig.report("b")
    assert rig.out() == ["a", "c"]
    rig.report("a")
    rig.report("c")
    assert rig.out() == ["last"]
    rig.report("last")
    assert rig.state() == "SUCCESS"
    rig.assert_rebuilds()


@pytest.mark.parametrize("outcome", ["failed", "cancelled"])
def test_after_a_failure_parallel_starts_nothing_new_and_waits_for_what_runs(outcome):
    """Nor after a child that was cancelled alone: whoever writes to the topic of a worker may say so without a kill."""
    rig = started(PARALLEL)
    rig.report("a", outcome)
    assert rig.out() == ["b"]
    assert rig.states()["p"] == "RUNNING"
    rig.report("b")
    ended = "FAILED" if outcome == "failed" else "KILLED"
    assert rig.states() == {"p": ended, "a": ended, "b": "SUCCESS"}
    assert rig.state() == ended


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
    rig = started(
        CONDITION.replace("ELSE", other).replace("id: yes", 'id: "yes"').replace("id: no", 'id: "no"'),
        inputs={"big": big},
    )
    assert rig.run("choose").outputs == {"evaluationResult": big}
    if runs:
        assert rig.out() == [runs]
        rig.report(runs)
    assert rig.states()["choose"] == "SUCCESS"
    assert rig.out() == ["last"]


def test_a_condition_that_cannot_be_rendered_fails_the_if():
    rig = started(CONDITION.replace("inputs.big", "no.such.thing").replace("ELSE", ""), inputs={"big": True})
    assert rig.states() == {"choose": "FAILED"}
    assert rig.state() == "FAILED"


def test_for_each_runs_its_body_in_sequence_value_after_value_without_duplicates():
    rig = started(loop(1))
    seen = []
    while rig.out() != ["last"]:
        (name,) = rig.out()
        seen.append(name)
        rig.report(name, outputs={"value": name})
    assert seen == ["one[x]", "two[x]", "one[y]", "two[y]"]
    assert [run.iteration for run in rig.seen().runs.values()] == [None, 0, 0, 1, 1, None]
    assert rig.attempt("last").run.variables["outputs"]["two"]["x"] == {"value": "two[x]"}
    rig.assert_rebuilds()


def test_for_each_runs_values_side_by_side_up_to_its_limit():
    rig = started(loop(2), inputs={"values": "[1, 2, 3]"})
    assert rig.out() == ["one[1]", "one[2]"]
    rig.report("one[2]", outputs={"value": "b"})
    assert rig.out() == ["one[1]", "two[2]"]
    assert rig.attempt("two[2]").run.variables["outputs"]["one"]["2"] == {"value": "b"}
    rig.report("two[2]")
    assert rig.out() == ["one[1]", "one[3]"]


def test_for_each_begins_no_value_after_a_failure():
    rig = started(loop(2), inputs={"values": "[1, 2, 3]"})
    rig.report("one[1]", "failed")
    rig.report("one[2]")
    assert rig.states() == {"each": "FAILED", "one[1]": "FAILED", "one[2]": "SUCCESS"}


def test_for_each_over_nothing_succeeds():
    rig = started(loop(1), inputs={"values": "[]"})
    assert rig.states() == {"each": "SUCCESS", "last": "SUBMITTED"}


@pytest.mark.parametrize(
    ("values", "message"),
    [("[1, null]", "Found '1' null values on Each"), ('{"a": 1}', ""), ('"text"', "not a JSON array")],
)
def test_for_each_refuses_values_that_are_no_list_of_values(values, message):
    rig = started(loop(1), inputs={"values": values})
    if message:
        assert message in rig.run("each").message
        assert rig.state() == "FAILED"
    else:
        assert rig.out() == ['one[{"key":"a","value":1}]']


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
    rig = started(flow)
    run = rig.attempt("leaf[1]").run
    assert run.variables["parent"] == {"taskrun": {"value": "x"}}
    assert run.variables["taskrun"]["value"] == "1"
    assert run.variables["taskrun"]["iteration"] == 0
    count = 0
    while rig.out() != ["last"]:
        (name,) = rig.out()
        rig.report(name, outputs={"value": count})
        count += 1
    assert rig.attempt("last").run.variables["outputs"]["leaf"] == {
        "x": {"1": {"value": 0}, "2": {"value": 1}},
        "y": {"1": {"value": 2}, "2": {"value": 3}},
    }
    rig.assert_rebuilds()


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
    rig = started(WIDE, inputs={"values": str(list(range(120)))})
    assert len(rig.out()) == 49
    assert len(rig.timers) == 1
    rig.settle()
    assert len(rig.out()) == 120
    rig.run_to_end()
    assert rig.state() == "SUCCESS"
    rig.assert_rebuilds()
