"""The words of dates in a language: months, days, quarters, halves of the day and eras, from the Unicode CLDR as Java's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from contracts.language.expression.date_pattern import DAYS, MONTHS
from contracts.language.expression.errors import ExpressionError

if TYPE_CHECKING:
    from babel import Locale

_LONGEST = 35
_WIDTHS = ("abbreviated", "wide", "narrow")
Widths = Mapping[str, Sequence[str]]
"""Words by width: ``abbreviated``, ``wide`` and ``narrow``."""


@dataclass(frozen=True, slots=True)
class Names:
    months: Widths
    months_alone: Widths
    """As they stand without a day, which differs in some languages."""
    days: Widths
    """From Monday on."""
    quarters: Widths
    halves: tuple[str, str]
    """Before and after noon."""
    eras: Widths
    """Before and after the year 1."""
    styles: Mapping[str, str]
    """Patterns of the styles ``full``, ``long``, ``medium`` and ``short``. Empty for English, which has them by name."""


def _shortened(words: Sequence[str]) -> Widths:
    return {
        "wide": words,
        "abbreviated": [word[:3] for word in words],
        "narrow": [word[:1] for word in words],
    }


ENGLISH = Names(
    months=_shortened(MONTHS),
    months_alone=_shortened(MONTHS),
    days=_shortened(DAYS),
    quarters={
        "wide": ("1st quarter", "2nd quarter", "3rd quarter", "4th quarter"),
        "abbreviated": ("Q1", "Q2", "Q3", "Q4"),
        "narrow": ("1", "2", "3", "4"),
    },
    halves=("AM", "PM"),
    eras={"wide": ("Before Christ", "Anno Domini"), "abbreviated": ("BC", "AD"), "narrow": ("B", "A")},
    styles={},
)


def names_of(language: str | None) -> Names:
    """Return the words of a language tag such as ``fr`` or ``de-AT``; English without one. Raise ExpressionError if it is unknown."""
    return ENGLISH if language is None else _names(language)


@lru_cache(maxsize=64)
def _names(language: str) -> Names:
    locale = _locale(language)
    if locale.language == "en" and locale.territory in {None, "US"}:
        return ENGLISH
    halves = {**locale.day_periods["format"]["abbreviated"], **locale.day_periods["format"]["wide"]}
    return Names(
        months=_table(locale.months["format"], range(1, 13)),
        months_alone=_table(locale.months["stand-alone"], range(1, 13)),
        days=_table(locale.days["format"], range(7)),
        quarters=_table(locale.quarters["format"], range(1, 5)),
        halves=(halves.get("am", "AM"), halves.get("pm", "PM")),
        eras=_table(locale.eras, range(2)),
        styles={
            style: str(locale.datetime_formats[style])
            .replace("{1}", locale.date_formats[style].pattern)
            .replace("{0}", locale.time_formats[style].pattern)
            for style in ("full", "long", "medium", "short")
        },
    )


def _table(words: Any, keys: Sequence[int]) -> Widths:
    return {width: [words[width][key] for key in keys] for width in _WIDTHS}


def _locale(language: str) -> Locale:
    from babel import Locale, UnknownLocaleError

    if len(language) > _LONGEST:
        raise ExpressionError("The locale is no language tag: use one such as fr or de-AT")
    try:
        return Locale.parse(language.replace("_", "-"), sep="-")
    except (ValueError, UnknownLocaleError) as error:
        raise ExpressionError(
            f"Unknown locale `{language}`: use a language tag such as fr or de-AT"
        ) from error


def zone_name(at: datetime, language: str | None) -> str:
    """Return the full name of the time zone, such as ``Central European Standard Time``."""
    from babel.dates import get_timezone_name

    return get_timezone_name(at, width="long", locale=_locale(language or "en"))
