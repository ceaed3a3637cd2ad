"""A slot or a lock of an execution that is over comes back, if somebody asks."""

from contracts.execution import CheckExecution
from contracts.limit import ReleaseSlot
from contracts.trigger import UnlockTrigger
from tests.support.rig import messages
from tests.support.rig.executions import started

LINE = """
id: f
namespace: tests
tasks:
  - {id: say, type: io.kestra.plugin.core.log.Log, message: hi}
"""


def asked(execution_id: str) -> CheckExecution:
    return CheckExecution(
        execution_id=execution_id, limit_key="flow:tests/f", trigger_key="tests/f/daily", at=1
    )


def test_an_open_execution_keeps_what_it_holds() -> None:
    rig = started(LINE)

    step = rig.when(asked("e1"))

    assert (step.events, step.outbox) == ([], [])


def test_one_that_has_ended_or_never_was_gives_it_back() -> None:
    rig = started(LINE)
    rig.run_to_end()

    for execution_id in ("e1", "never"):
        step = rig.when(asked(execution_id))

        (release,) = messages(step.outbox, ReleaseSlot)
        (unlock,) = messages(step.outbox, UnlockTrigger)
        assert (release.execution_id, release.limit_key) == (execution_id, "flow:tests/f")
        assert (unlock.execution_id, unlock.trigger_id) == (execution_id, "daily")
        assert [out.topic for out in step.outbox] == ["limits.commands", "triggers.commands"]
