"""The registry's state as items, and back."""

from __future__ import annotations

from tests.support.rig.registry import PLAIN, RegistryRig, reply

SCHEDULE = "  - {id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 9 * * *'}\n"


def test_a_dump_restores_numbers_comparisons_and_answers(rig: RegistryRig) -> None:
    rig.put(PLAIN + "triggers:\n" + SCHEDULE, request_id="first")
    rig.assert_rebuilds()
    rig.restart(snapshot=True)
    assert all(b"io.kestra" not in item for item in rig.machine.dump()), "sources are not kept in state"
    assert reply(rig.put("ignored", "create", request_id="first")) == ("ok", 1)
    assert reply(rig.put(PLAIN, "update")) == ("ok", 2)
