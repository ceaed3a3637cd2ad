from contracts.language.types.task.assert_ import Assert, decide


def test_every_condition_must_be_true_and_each_that_is_not_is_logged():
    good = decide(Assert(conditions=["true", "x", True]))
    assert (good.failure, list(good.lines)) == (None, [])
    bad = decide(Assert(conditions=["true", "", "false", False, " 0 "]))
    assert bad.failure == "4 of 5 assertions failed"
    assert len(bad.lines) == 4
    assert decide(Assert(conditions=["0"], error_message="no rows")).failure == "no rows"
