"""ISO-8601 durations of days and time (``P1DT2H``, ``PT0.5S``); weeks, months and years are refused, as in Kestra."""

from __future__ import annotations

import re
from datetime import timedelta

_DURATION = re.compile(
    r"([-+])?P(?:([-+]?\d{1,7})D)?(?:T(?=[-+\d])(?:([-+]?\d{1,9})H)?(?:([-+]?\d{1,10})M)?"
    r"(?:([-+]?\d{1,11})(?:[.,](\d{0,9}))?S)?)?",
    re.IGNORECASE,
)
_EXAMPLE = "use days and time only, such as PT30S, PT1H30M or P1D"


def parse_duration(text: str) -> timedelta:
    """Raises ValueError with what to write instead. Finer than microseconds is cut off."""
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.group(index) for index in (2, 3, 4, 5)):
        raise ValueError(f"invalid ISO-8601 duration `{text}`: {_EXAMPLE}")
    sign, days, hours, minutes, seconds, fraction = match.groups()
    micros = int(((fraction or "") + "000000")[:6])
    if (seconds or "").startswith("-"):
        micros = -micros
    try:
        value = timedelta(
            days=int(days or 0),
            hours=int(hours or 0),
            minutes=int(minutes or 0),
            seconds=int(seconds or 0),
            microseconds=micros,
        )
    except OverflowError:
        raise ValueError(f"duration `{text}` is too long") from None
    return -value if sign == "-" else value


def format_duration(value: timedelta) -> str:
    """As Java prints it: hours upwards are hours (``PT36H``), zero is ``PT0S``."""
    micros = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
    if micros == 0:
        return "PT0S"
    sign = "-" if micros < 0 else ""
    seconds, fraction = divmod(abs(micros), 1_000_000)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    text = "PT"
    if hours:
        text += f"{sign}{hours}H"
    if minutes:
        text += f"{sign}{minutes}M"
    if seconds or fraction:
        decimals = f".{fraction:06d}".rstrip("0") if fraction else ""
        text += f"{sign}{seconds}{decimals}S"
    return text
