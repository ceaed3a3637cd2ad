"""Executions that wait are kept as bytes, and nobody notices."""

from contracts.execution import ResumeExecution
from services.executor.executions.machine import ExecutionMachine
from services.executor.executions.open_executions import OpenExecutions
from tests.support.rig.executions import ExecutionRig, started

PAUSED = """
id: f
namespace: tests
tasks:
  - {id: wait, type: io.kestra.plugin.core.flow.Pause}
  - {id: say, type: io.kestra.plugin.core.log.Log, message: hi}
"""
RUNNING = """
id: g
namespace: tests
tasks:
  - {id: say, type: io.kestra.plugin.core.log.Log, message: hi}
"""


def test_what_is_kept_is_found_counted_and_decoded_when_it_is_needed() -> None:
    decoded: list[bytes] = []

    def decode(encoded: bytes) -> str:
        decoded.append(encoded)
        return encoded.decode()

    executions = OpenExecutions(decode)
    executions["live"] = "one"
    executions.keep("waits", b"two")

    assert ("live" in executions, "waits" in executions, "gone" in executions) == (True, True, False)
    assert (len(executions), sorted(executions.ids())) == (2, ["live", "waits"])
    assert executions.get("gone") is None
    assert decoded == []
    assert executions.get("waits") == executions["waits"] == "two"
    assert decoded == [b"two"], "from then on it is there"
    assert list(executions.touched) == ["waits"], "the next snapshot may keep it again"


def test_a_paused_execution_is_kept_from_the_next_snapshot_on() -> None:
    rig = started(PAUSED)
    rig.settle()
    rig.save_cells()

    assert rig.machine.state.executions.kept("e1") is not None
    rig.when(ResumeExecution(execution_id="e1", at=rig.tick()))
    assert rig.machine.state.executions.kept("e1") is None
    rig.run_to_end()

    assert rig.state() == "SUCCESS"
    rig.save_cells()
    assert "e1" not in rig.cells


def test_an_execution_with_an_attempt_out_is_not_kept() -> None:
    rig = ExecutionRig(RUNNING)
    rig.start("g")
    rig.save_cells()

    assert rig.machine.state.executions.kept("e1") is None


def test_after_a_restart_all_are_kept_until_something_happens_to_them() -> None:
    rig = started(PAUSED)
    rig.start("f", "e2")
    rig.settle()
    rig.restart(snapshot=True)
    machine: ExecutionMachine = rig.machine

    assert machine.open == 2
    assert machine.state.executions.kept("e2") is not None
    rig.when(ResumeExecution(execution_id="e2", at=rig.tick()))
    assert machine.state.executions.kept("e1") is not None
