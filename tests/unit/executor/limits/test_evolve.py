"""What limits forgets."""

from __future__ import annotations

from tests.support.rig.limits import LimitRig


def test_limits_that_only_requests_named_are_forgotten_when_unused(rig: LimitRig) -> None:
    rig.acquire("a")
    rig.release("a")

    assert rig.machine.state.by_key == {}
