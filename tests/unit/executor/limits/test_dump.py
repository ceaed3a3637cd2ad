"""The state of limits as items, and back."""

from __future__ import annotations

from tests.support.rig.limits import LimitRig


def test_a_dump_restores_everything(rig: LimitRig) -> None:
    rig.set_limit(2)
    for name in "abcd":
        rig.acquire(name)
    rig.release("a")

    rig.assert_rebuilds()
    rig.restart(snapshot=True)
    assert rig.release("b") == ["granted d"]
