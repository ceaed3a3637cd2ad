"""How often somebody may guess a password: limits by address and by name, in bounded memory. Pure: the caller gives the time.

A guess is charged when it begins, so that guesses at the same moment count too; the right password gives the charge back. The
same wrong password again is no new guess: a program with an old password does not lock its address out.

Nobody can lock a name out. A name under attack slows only addresses that have already guessed wrong and never signed in.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from services.web.core.caller import household

FREE_GUESSES = 10
"""Wrong guesses of one address before it waits."""
FORGIVEN_SECONDS = 30.0
"""After this time one wrong guess is forgotten."""
LONGEST_SECONDS = 60.0
_REPEATS, _REPEAT_SECONDS = 10, 1.0
_NAME_GUESSES, _NAME_FORGIVEN_SECONDS, _STRANGER_SECONDS = 50, 10.0, 30.0
_MOST_ADDRESSES, _MOST_NAMES, _REMEMBERED = 10_000, 1_000, 8


@dataclass(slots=True)
class _Meter:
    """A bucket that leaks."""

    leak_seconds: float
    level: float = 0.0
    at: float = 0.0

    def at_time(self, now: float) -> float:
        self.level = max(0.0, self.level - max(0.0, now - self.at) / self.leak_seconds)
        self.at = now
        return self.level

    def add(self, now: float, amount: float = 1.0) -> None:
        self.level = max(0.0, self.at_time(now) + amount)


def _guesses() -> _Meter:
    return _Meter(FORGIVEN_SECONDS)


def _repeats() -> _Meter:
    return _Meter(_REPEAT_SECONDS)


@dataclass(slots=True)
class _Address:
    guesses: _Meter = field(default_factory=_guesses)
    repeats: _Meter = field(default_factory=_repeats)
    pending: int = 0
    blocked_until: float = 0.0
    last_guess: float = 0.0
    wrong: list[bytes] = field(default_factory=list)
    """Digests of the last wrong guesses, to recognise repeats. They are still checked each time."""
    trusted: bool = False
    """Somebody signed in from here."""
    told: bool = False
    """It was told to wait since its last wrong guess."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing was checked, and nothing is charged."""

    seconds: float
    is_first: bool
    """False if this address was told to wait before, since its last guess. A log that has only first ones stays short."""


@dataclass(slots=True)
class Guess:
    """A guess that may be checked. Say how it ended, once: ``right`` or ``wrong``."""

    _place: _Address
    _name: _Meter
    _digest: bytes
    _is_new: bool

    def right(self, now: float) -> None:
        """It was no guess, so it costs nothing."""
        self._place.trusted = True
        if self._is_new:
            self._place.pending -= 1
            self._place.guesses.add(now, -1.0)
            self._name.add(now, -1.0)

    def wrong(self, now: float) -> None:
        """Wrong, or abandoned."""
        place = self._place
        if not self._is_new:
            return
        place.pending -= 1
        place.last_guess = now
        place.told = False
        if self._digest not in place.wrong:
            place.wrong = [*place.wrong[-_REMEMBERED + 1 :], self._digest]
        over = place.guesses.at_time(now) - FREE_GUESSES
        if over >= 0:
            place.blocked_until = now + min(LONGEST_SECONDS, 2.0**over)


class BackOff:
    def __init__(self) -> None:
        self._addresses: OrderedDict[str, _Address] = OrderedDict()
        self._names: OrderedDict[str, _Meter] = OrderedDict()

    def begin(self, name: str, address: str, digest: bytes, now: float) -> Guess | Wait:
        """Charge a guess. ``digest`` is a keyed digest of name and password; ``now`` is in seconds and never goes back."""
        place, meter = self._place(address), self._name(name)
        is_new = digest not in place.wrong
        seconds = _wait(place, meter, now, is_new=is_new)
        if seconds > 0:
            is_first, place.told = not place.told, True
            return Wait(seconds, is_first)
        if is_new:
            place.guesses.add(now)
            place.pending += 1
            meter.add(now)
        else:
            place.repeats.add(now)
        return Guess(place, meter, digest, is_new)

    def size(self) -> int:
        """The number of addresses and names that are remembered."""
        return len(self._addresses) + len(self._names)

    def _place(self, address: str) -> _Address:
        key = household(address)
        found = self._addresses.get(key)
        if found is None:
            found = self._addresses[key] = _Address()
        self._addresses.move_to_end(key)
        if len(self._addresses) > _MOST_ADDRESSES:
            self._addresses.popitem(last=False)
        return found

    def _name(self, name: str) -> _Meter:
        key = name[:200].casefold()
        found = self._names.get(key)
        if found is None:
            found = self._names[key] = _Meter(_NAME_FORGIVEN_SECONDS)
        self._names.move_to_end(key)
        if len(self._names) > _MOST_NAMES:
            self._names.popitem(last=False)
        return found


def _wait(place: _Address, name: _Meter, now: float, *, is_new: bool) -> float:
    """The seconds to wait. 0 if the guess may be checked."""
    if place.blocked_until > now:
        return place.blocked_until - now
    if not is_new:
        return _REPEAT_SECONDS if place.repeats.at_time(now) >= _REPEATS else 0.0
    level = place.guesses.at_time(now)
    if level >= FREE_GUESSES and place.pending:
        return 1.0  # one guess at a time
    if name.at_time(now) >= _NAME_GUESSES and not place.trusted and level > 0:
        return max(0.0, place.last_guess + _STRANGER_SECONDS - now)
    return 0.0
