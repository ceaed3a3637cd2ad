"""Guessing is slow from one address and from many; nobody else is locked out; the memory is bounded."""

from services.web.core.access.backoff import FREE_GUESSES, LONGEST_SECONDS, BackOff, Guess

NAME, HERE, ELSEWHERE = "a@b.c", "198.51.100.7", "203.0.113.9"


def guess(backoff: BackOff, number: int, now: float, address: str = HERE, name: str = NAME) -> float:
    """Guess wrong. Gives the seconds to wait, 0 if the guess was checked."""
    begun = backoff.begin(name, address, b"%d" % number, now)
    if not isinstance(begun, Guess):
        return begun.seconds
    begun.wrong(now)
    return 0.0


def may_enter(backoff: BackOff, now: float, address: str) -> bool:
    begun = backoff.begin(NAME, address, b"right", now)
    if isinstance(begun, Guess):
        begun.right(now)
        return True
    return False


def test_two_thousand_wrong_guesses_are_hardly_checked():
    backoff = BackOff()
    waits = [guess(backoff, number, number / 2_000) for number in range(2_000)]
    assert waits.count(0.0) <= FREE_GUESSES + 2
    assert max(waits) > 0


def test_who_waits_as_told_guesses_about_twice_a_minute():
    backoff, now, checked = BackOff(), 0.0, 0
    for number in range(10_000):
        wait = guess(backoff, number, now)
        assert wait <= LONGEST_SECONDS
        checked += not wait
        now += wait
        if now > 3_600:
            break
    assert now > 3_600
    assert checked < 150


def test_guesses_at_the_same_moment_are_counted_before_they_are_checked():
    backoff = BackOff()
    begun = [backoff.begin(NAME, HERE, b"%d" % number, 0.0) for number in range(500)]
    assert sum(isinstance(each, Guess) for each in begun) == FREE_GUESSES


def test_the_right_password_from_elsewhere_enters_while_somebody_guesses():
    backoff = BackOff()
    for number in range(2_000):
        guess(backoff, number, number / 100)
        assert may_enter(backoff, number / 100, ELSEWHERE)
    assert not may_enter(backoff, 20.0, HERE)


def test_many_addresses_that_guess_one_name_are_slowed_but_lock_nobody_out():
    backoff, checked = BackOff(), 0
    for second in range(60):
        for address in range(300):
            checked += not guess(
                backoff, second * 300 + address, second, f"10.1.{address // 250}.{address % 250}"
            )
        assert may_enter(backoff, second, ELSEWHERE)
    assert checked < 1_200, "each address has its first guess, and then about two a minute"


def test_a_program_with_an_old_password_does_not_lock_its_address_out():
    backoff = BackOff()
    for attempt in range(3_000):
        guess(backoff, 0, attempt * 0.2)
        assert may_enter(backoff, attempt * 0.2, HERE)


def test_the_same_wrong_password_again_and_again_is_paced():
    backoff = BackOff()
    checked = sum(not guess(backoff, 0, attempt / 1_000) for attempt in range(2_000))
    assert checked < 20


def test_only_the_first_refusal_of_a_wait_is_for_the_log():
    backoff = BackOff()
    for number in range(2_000):
        guess(backoff, number, number / 2_000)
    begun = [backoff.begin(NAME, HERE, b"x%d" % n, 1.0) for n in range(100)]
    assert not any(each.is_first for each in begun if not isinstance(each, Guess))
    assert not any(isinstance(each, Guess) for each in begun)


def test_right_passwords_cost_nothing():
    backoff = BackOff()
    assert all(may_enter(backoff, 0.0, HERE) for _ in range(10_000))


def test_wrong_guesses_are_forgiven_with_time():
    backoff = BackOff()
    for number in range(FREE_GUESSES + 3):
        guess(backoff, number, number * 1.5)
    assert not may_enter(backoff, 18.1, HERE)
    assert may_enter(backoff, 120.0, HERE)


def test_memory_is_bounded_however_many_names_and_addresses_there_are():
    backoff = BackOff()
    for number in range(50_000):
        guess(backoff, number, 0.0, f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", f"n{number}")
    assert backoff.size() <= 11_000


def test_a_provider_s_customer_is_one_address():
    backoff = BackOff()
    for number in range(FREE_GUESSES):
        assert guess(backoff, number, 0.0, f"2001:db8:1:2::{number}") == 0
    assert guess(backoff, 99, 0.0, "2001:db8:1:2:ffff::9") > 0
    assert guess(backoff, 99, 0.0, "2001:db8:1:3::1") == 0
