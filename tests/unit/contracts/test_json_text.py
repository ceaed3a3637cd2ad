"""JSON whose numbers keep every digit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codec import encode
from contracts.json_text import NotJson, dumps, loads


@pytest.mark.parametrize(
    "text",
    [
        "12345678901234567890123",
        "-9223372036854775809",
        "18446744073709551616",
        "0.12345678901234567890123",
        "59980.539999999986",
        "0.1",
        '{"id":76561198275305775,"list":[438544484291054295,1.5]}',
        '"1234567890123456789012"',
    ],
)
def test_numbers_come_back_as_they_were_written(text: str) -> None:
    assert dumps(loads(text)).decode() == text
    assert encode(loads(text)).decode() == text


def test_a_decimal_that_a_double_holds_is_a_double() -> None:
    assert type(loads("59980.539999999986")) is float
    assert loads("0.12345678901234567890123") == Decimal("0.12345678901234567890123")


@pytest.mark.parametrize(
    "text", ["", "{", "[1,]", "NaN", "[12345678901234567890,NaN]", "1" * 5_000, "[" * 2_000]
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(NotJson):
        loads(text)


@given(st.integers() | st.decimals(allow_nan=False, allow_infinity=False, places=12))
def test_every_number_survives(value: int | Decimal) -> None:
    again = dumps(loads(dumps(value))).decode()
    assert Decimal(again) == value
