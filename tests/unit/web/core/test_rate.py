"""How often something may happen."""

from services.web.core.rate import Rates


def test_some_may_come_at_once_and_then_so_many_a_second():
    rates = Rates(per_second=2, at_once=3)
    assert [rates.take("a", 100.0) for _ in range(5)] == [0, 0, 0, 0.5, 0.5]
    assert rates.take("a", 100.5) == 0
    assert rates.take("a", 100.5) > 0
    assert [rates.take("a", 200.0) for _ in range(4)] == [0, 0, 0, 0.5]


def test_keys_do_not_count_for_each_other():
    rates = Rates(per_second=1, at_once=1)
    assert rates.take("a", 0.0) == 0
    assert rates.take("b", 0.0) == 0
    assert rates.wait("a", 0.0) == 1
    assert rates.wait("never seen", 0.0) == 0


def test_strangers_who_choose_keys_fill_no_memory():
    rates = Rates(per_second=1, at_once=1, most_keys=100)
    for number in range(10_000):
        rates.count(number, 0.0)
        assert len(rates._until) <= 100
    assert rates.wait(9_999, 0.0) > 0
