"""The entrance of limits: the effect of a bug."""

from __future__ import annotations

from contracts.limit import AcquireSlot
from tests.support.rig.limits import KEY, LimitRig, said


def test_a_bug_refuses_the_request(rig: LimitRig) -> None:
    message = AcquireSlot(limit_key=KEY, execution_id="a", limit=1, behavior="QUEUE", at=1)

    assert said(rig.when_it_raised(message, "trace")) == ["refused a"]
