"""The numbers of the steps of a shared directory."""

from __future__ import annotations

from services.executor.executions.directory import shared_by, use_of
from tests.support.rig.executions import started

SHARED = """\
id: f
namespace: tests
tasks:
- id: w
  type: io.kestra.plugin.core.flow.WorkingDirectory
  tasks: [{id: a, type: io.kestra.plugin.core.flow.Sleep, duration: PT1S}]
- {id: b, type: io.kestra.plugin.core.flow.Sleep, duration: PT1S}
"""


def test_only_tasks_inside_share_the_directory() -> None:
    rig = started(SHARED)
    rig.report("w")
    execution = rig.machine.state.executions["e1"]
    (owner, inside) = execution.runs.values()
    used = use_of(inside)
    assert used is not None
    assert (used.id, used.step) == (f"{owner.id}.1", "use")
    assert shared_by(owner) is None
    rig.report("a")
    assert rig.attempt("b").run.directory is None


def test_the_numbers_of_steps_go_on_after_a_loss() -> None:
    rig = started(SHARED)
    rig.report("w")
    rig.report("a", "lost")
    assert rig.attempt("w").run.attempt == 3, "the removal of the lost one has number 2"
