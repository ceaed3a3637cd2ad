"""The entrance of dispatch: the effect of a bug."""

from __future__ import annotations

import msgspec

from contracts.execution import AttemptEnded
from contracts.work import EnqueueAttempt
from tests.support.rig.dispatch import GROUP, DispatchRig, ends


def test_a_bug_fails_the_attempt_that_it_was_about(rig: DispatchRig) -> None:
    enqueue = EnqueueAttempt(
        group=GROUP, execution_id="e", task_run_id="t", attempt=1, fair_key="f", at=0, run=msgspec.Raw(b"{}")
    )

    step = rig.machine.fail(enqueue, rig.now, "ZeroDivisionError")

    assert ends(step) == [("t", "failed")]
    (out,) = step.outbox
    assert isinstance(out.message, AttemptEnded)
    assert "ZeroDivisionError" in out.message.message
