"""The state of a trigger is dropped, or the trigger is restarted."""

from __future__ import annotations

from contracts.trigger import ResetTrigger, RestartTrigger, TriggerReset
from tests.support.rig.polls import PollRig
from tests.support.rig.triggers import KEY, NAMES, TriggerRig, code, dates, millis


def test_a_trigger_without_its_state_begins_anew(rig: TriggerRig) -> None:
    rig.define()
    rig.until("2026-03-01T09:00:00+00:00")
    rig.backfill("2026-01-01T00:00:00+00:00", "2026-01-04T00:00:00+00:00")
    rig.set_disabled(True)

    step = rig.reset()

    assert code(step) == "ok"
    (event,) = step.events
    assert isinstance(event, TriggerReset)
    trigger = rig.machine.state.by_key[KEY]
    assert (trigger.user_disabled, trigger.last_at, trigger.backfill) == (False, None, None)
    assert rig.next_at == millis("2026-03-02T09:00:00+00:00")
    assert dates(rig.until("2026-03-02T09:00:00+00:00")) == ["2026-03-02T09:00:00Z"]
    rig.assert_rebuilds()


def test_a_trigger_that_the_source_disables_stays_disabled(rig: TriggerRig) -> None:
    rig.define(disabled=True)

    (event,) = rig.reset().events

    assert isinstance(event, TriggerReset)
    assert event.disabled
    assert rig.until("2026-03-02T09:00:00+00:00") == []


def test_a_locked_trigger_keeps_its_state(rig: TriggerRig) -> None:
    rig.define(allowConcurrent=False)
    rig.until("2026-03-01T09:00:00+00:00")

    assert code(rig.reset()) == "conflict"


def test_an_unknown_trigger_has_no_state(rig: TriggerRig) -> None:
    assert code(rig.reset()) == "missing"


def test_a_restart_sets_the_next_date_again(rig: TriggerRig) -> None:
    rig.define()
    rig.timers.clear()

    step = rig.when(RestartTrigger(**NAMES, at=rig.now, request_id="r", reply_to=3))

    assert code(step) == "unchanged"
    assert len(rig.until("2026-03-01T09:00:00+00:00")) == 1


def test_a_poll_that_is_out_ends_with_the_state_or_with_a_restart() -> None:
    for message in (ResetTrigger, RestartTrigger):
        rig = PollRig()
        rig.poll_with()
        rig.asked()
        assert rig.trigger.evaluation is not None

        rig.when(message(**NAMES, at=rig.now))

        assert rig.trigger.evaluation is None
        rig.assert_rebuilds()
