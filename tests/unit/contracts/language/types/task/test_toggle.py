from __future__ import annotations

from contracts.language.types.pure import Switch
from contracts.language.types.task.toggle import Toggle, decide


def test_it_switches_a_trigger_off_unless_told_otherwise() -> None:
    off = decide(Toggle(trigger=" daily "))
    on = decide(Toggle(trigger="daily", enabled=True, flow_id="f", namespace="n"))
    assert off.update is not None
    assert on.update is not None
    assert off.update.switches == (Switch("daily", False),)
    assert on.update.switches == (Switch("daily", True, "f", "n"),)
