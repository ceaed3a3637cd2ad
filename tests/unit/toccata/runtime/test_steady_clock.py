from __future__ import annotations

from toccata.runtime.steady_clock import HOLD_SECONDS, SteadyClock

DAY = 86_400_000
START = 1_750_000_000_000


class Machine:
    """Its wall clock can be set; its uptime cannot."""

    def __init__(self) -> None:
        self.wall, self.up = START, 100.0
        self.clock = SteadyClock(lambda: self.wall, lambda: self.up)

    def after(self, seconds: float) -> int:
        self.wall += int(seconds * 1000)
        self.up += seconds
        return self.clock.now_ms()


def test_a_clock_that_leaps_two_days_and_comes_back_is_never_believed() -> None:
    machine = Machine()
    machine.wall += 2 * DAY
    seen = [machine.after(30), machine.after(30)]
    machine.wall -= 2 * DAY

    assert [*seen, machine.after(1)] == [START + 30_000, START + 60_000, START + 61_000]


def test_a_leap_that_lasts_is_the_new_time() -> None:
    machine = Machine()
    machine.wall += DAY
    machine.after(1)

    assert machine.after(HOLD_SECONDS) == START + DAY + 1_000 + int(HOLD_SECONDS * 1000)


def test_a_machine_that_slept_has_not_leapt() -> None:
    assert Machine().after(8 * 3_600) == START + 8 * 3_600_000


def test_small_corrections_and_steps_back_count_at_once() -> None:
    machine = Machine()
    machine.wall += 5_000
    assert machine.after(1) == START + 6_000
    machine.wall -= 3_600_000
    assert machine.after(1) == START + 7_000 - 3_600_000


def test_a_clock_that_began_wrong_is_corrected_by_the_first_answer_of_a_broker() -> None:
    machine = Machine()
    machine.clock.heard(1, START + 2 * DAY, 0.01)

    assert machine.after(1) == START + 2 * DAY + 1_000

    machine = Machine()
    machine.clock.heard(1, START - 2 * DAY, 0.01)

    assert machine.after(1) == START - 2 * DAY + 1_000


def test_machines_that_keep_time_use_their_own() -> None:
    machine = Machine()
    machine.clock.heard(1, START - 900, 0.01)

    assert machine.after(1) == START + 1_000


def test_an_answer_that_came_late_may_agree_with_the_own_clock() -> None:
    machine = Machine()
    assert not machine.clock.heard_a_broker
    machine.clock.heard(1, START - 30_000, 30.0)

    assert machine.after(1) == START + 1_000
    assert machine.clock.heard_a_broker


def test_an_answer_that_came_late_says_that_a_clock_is_wrong_by_days_and_a_quick_one_by_how_much() -> None:
    machine = Machine()
    machine.clock.heard(1, START + 2 * DAY - 30_000, 30.0)
    assert machine.after(1) == START + 2 * DAY - 30_000 + 1_000

    machine.clock.heard(1, START + 2 * DAY + 1_000, 0.01)
    assert machine.after(1) == START + 2 * DAY + 2_000

    machine.clock.heard(1, START + 2 * DAY - 30_000, 32.0)
    assert machine.after(1) == START + 2 * DAY + 3_000


def test_the_own_clock_is_right_if_one_of_the_brokers_agrees() -> None:
    machine = Machine()
    machine.clock.heard(1, START + DAY, 0.01)
    machine.clock.heard(2, START, 0.01)

    assert machine.after(1) == START + 1_000


def test_a_broker_that_leaps_and_comes_back_is_never_believed() -> None:
    machine = Machine()
    machine.clock.heard(1, START, 0.01)
    machine.after(1)
    machine.clock.heard(1, START + DAY, 0.01)
    machine.after(30)
    machine.clock.heard(1, START + 31_000, 0.01)

    assert machine.after(HOLD_SECONDS) == START + 31_000 + int(HOLD_SECONDS * 1000)


def test_a_broker_whose_clock_stays_ahead_is_believed_in_the_end() -> None:
    machine = Machine()
    machine.clock.heard(1, START, 0.01)
    machine.after(1)
    machine.clock.heard(1, START + DAY + 1_000, 0.01)
    held = machine.after(HOLD_SECONDS)
    machine.clock.heard(1, held + DAY, 0.01)

    assert machine.after(1) == held + DAY + 1_000


def test_an_own_leap_that_was_accepted_is_taken_back_by_the_next_answer() -> None:
    machine = Machine()
    machine.clock.heard(1, START, 0.01)
    machine.wall += DAY
    machine.after(1)
    machine.after(HOLD_SECONDS)
    machine.clock.heard(1, START + 1_000 + int(HOLD_SECONDS * 1000), 0.01)

    assert machine.after(1) == START + 2_000 + int(HOLD_SECONDS * 1000)
