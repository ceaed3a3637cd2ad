"""The inputs of a start, typed."""

from tests.support.rig.executions import ExecutionRig
from tests.unit.executor.executions.flows import LINEAR


def test_inputs_that_do_not_fit_fail_the_execution_with_the_reason():
    flow = LINEAR + "inputs:\n  - {id: n, type: INT}\n"
    rig = ExecutionRig(flow)
    rig.start("f", inputs={"n": "many"})
    assert rig.state() == "FAILED"
    assert "n" in rig.seen().reason
    assert rig.logs
    rig.start("f", "e2", inputs={"n": "7"})
    assert rig.seen("e2").inputs == {"n": 7}


def test_an_input_that_the_flow_does_not_declare_is_ignored_and_the_log_says_so():
    flow = LINEAR + "inputs:\n  - {id: name, type: STRING}\n"
    rig = ExecutionRig(flow)
    rig.start("f", inputs={"name": "x", "nmae": "y"})
    assert rig.state() == "RUNNING"
    assert rig.seen().inputs == {"name": "x"}
    assert rig.logs == ["Input `nmae` is not declared by the flow: ignored. Did you mean `name`?"]
    rig.assert_rebuilds()


def test_the_log_names_a_few_of_many_inputs_that_are_not_declared_and_no_more_than_the_beginning_of_a_name():
    flow = LINEAR + "inputs:\n  - {id: name, type: STRING}\n"
    rig = ExecutionRig(flow)
    rig.start("f", inputs={"name": "x", "z" * 500_000: 1, **{f"u{number}": 1 for number in range(999)}})
    (line,) = rig.logs
    assert line.startswith("Inputs `zzz")
    assert line.endswith("…`, `u0`, `u1`, `u2`, `u3` and 995 more are not declared by the flow: ignored.")
    assert len(line) < 300


def test_a_flow_that_declares_no_input_takes_what_is_given_without_a_warning():
    rig = ExecutionRig(LINEAR)
    rig.start("f", inputs={"anything": 1})
    assert rig.seen().inputs == {"anything": 1}
    assert rig.logs == []
