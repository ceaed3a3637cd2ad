from contracts.execution import ChildEnded
from contracts.states import State
from tests.support.rig.executions import started
from tests.unit.executor.executions.flows import LINEAR
from tests.unit.executor.executions.test_children import parent


def test_an_end_that_nobody_waits_for_does_nothing():
    rig = started(LINEAR)
    for run_id in ("none", rig.run("a").id):
        message = ChildEnded(
            execution_id="e1", task_run_id=run_id, index=0, child_id="c", state=State.SUCCESS, at=rig.now
        )
        assert rig.when(message).events == []


def test_an_end_with_another_index_does_nothing():
    family = parent()
    run = family.rig.run("sub")
    message = ChildEnded(
        execution_id="e1", task_run_id=run.id, index=7, child_id="c", state=State.SUCCESS, at=family.rig.now
    )
    assert family.rig.when(message).events == []
