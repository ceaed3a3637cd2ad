"""Words of dates in a language."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contracts.language.expression.date_names import ENGLISH, names_of, zone_name
from contracts.language.expression.errors import ExpressionError


def test_english_is_the_language_without_a_tag() -> None:
    assert names_of(None) is ENGLISH
    assert names_of("en-US") is ENGLISH


def test_other_languages_have_their_own_words() -> None:
    german, french = names_of("de"), names_of("fr_FR")
    assert german.months["wide"][2] == "März"
    assert german.days["wide"][0] == "Montag"
    assert french.days["abbreviated"][0] == "lun."
    assert french.months["wide"][6] == "juillet"
    assert german.halves == ("AM", "PM")


@pytest.mark.parametrize("language", ["zz-unknown-tag", "nonsense!", "x" * 50])
def test_an_unknown_language_is_refused(language: str) -> None:
    with pytest.raises(ExpressionError, match="locale"):
        names_of(language)


def test_a_time_zone_has_a_full_name() -> None:
    assert zone_name(datetime(2024, 1, 1, tzinfo=UTC), None) == "Coordinated Universal Time"
