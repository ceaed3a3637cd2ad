import pytest

from contracts.language.types.flowable.child_failure import SideBySide, on_failure
from contracts.states import State
from tests.support.rig.executions import started

SOURCE = """
id: f
namespace: tests
tasks:
  - id: p
    type: io.kestra.plugin.core.flow.Parallel
    PROPERTY
    tasks:
      - {id: bad, type: io.kestra.plugin.core.log.Log, message: bad}
      - {id: slow, type: io.kestra.plugin.core.log.Log, message: slow}
errors: [{id: e, type: io.kestra.plugin.core.log.Log, message: e}]
"""


@pytest.mark.parametrize(
    ("written", "state"),
    [
        ({}, State.FAILED),
        ({"onChildFailure": "fail"}, State.FAILED),
        ({"onChildFailure": "FAILED"}, State.FAILED),
        ({"onChildFailure": "Cancelled"}, State.CANCELLED),
        ({"onChildFailure": "CONTINUE"}, None),
        ({"onChildFailure": "whatever"}, None),
        ({"failFast": True}, State.KILLED),
        ({"failFast": False}, None),
        ({"failFast": False, "onChildFailure": "FAIL"}, None),
    ],
)
def test_every_spelling_says_what_becomes_of_the_others(written, state):
    assert on_failure(SideBySide.model_validate(written)) is state


def test_what_is_stopped_as_killed_leaves_a_failure_with_its_errors():
    rig = started(SOURCE.replace("PROPERTY", "failFast: true"))
    rig.report("bad", "failed")
    assert rig.states() == {"p": "FAILED", "bad": "FAILED", "slow": "KILLED", "e": "SUBMITTED"}
    rig.assert_rebuilds()
    rig.report("e")
    assert rig.state() == "FAILED"
