from datetime import timedelta

from contracts.language.types.flowable.loop_until import (
    CheckFrequency,
    LoopUntil,
    WaitFor,
    compiled,
    compiled_old,
)


def test_the_two_forms_differ_in_their_defaults():
    new, old = compiled(LoopUntil(condition="x")), compiled_old(WaitFor(condition="x"))
    assert (new.interval, new.most, new.duration, new.paused) == (timedelta(minutes=1), None, None, True)
    assert (old.interval, old.most, old.duration, old.paused) == (
        timedelta(seconds=1),
        100,
        timedelta(hours=1),
        False,
    )


def test_no_wait_at_all_is_not_the_default():
    often = CheckFrequency(interval=timedelta(0))
    assert compiled(LoopUntil(condition="x", check_frequency=often)).interval == timedelta(0)
