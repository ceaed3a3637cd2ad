"""Places under leases, as the state keeps them."""

from __future__ import annotations

from tests.support.rig import is_nothing
from tests.support.rig.leases import a_rig, grant, revoke, to_worker


def test_the_report_of_its_end_gives_the_place_back() -> None:
    rig = a_rig()
    grant(rig, slots=1)
    rig.start("f")
    report = rig.outcome("a")
    rig.when(report)
    assert rig.run("a").state == "SUCCESS"
    assert not rig.machine.state.leases.attempts
    assert is_nothing(rig.when(report)), "a second one changes nothing"
    assert to_worker(rig.start("f", "e2")) == [("w1", 7, "a")]
    rig.assert_rebuilds()


def test_the_last_number_of_a_group_is_kept_after_its_leases_end() -> None:
    rig = a_rig()
    grant(rig, 5)
    revoke(rig, 5)
    rig.restart(snapshot=True)
    assert is_nothing(grant(rig, 5))
    assert not is_nothing(grant(rig, 6))
