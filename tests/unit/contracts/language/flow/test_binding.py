from __future__ import annotations

from typing import Any

import pytest

from contracts.language.flow.binding import NotBound, bind, slots
from contracts.language.types.property import Properties, dynamic, static


class Given(Properties):
    text: str = dynamic()
    count: int = dynamic(1)
    values: list[int] = dynamic([])
    written: str = static("")


def shout(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def test_dynamic_properties_are_rendered_and_converted_and_static_ones_are_not() -> None:
    found = bind(Given, {"text": "a", "count": " 7 ", "values": "[1, 2]", "written": "b"}, shout)
    assert found == Given(text="A", count=7, values=[1, 2], written="b")


def test_undeclared_keys_and_empty_values_are_left_out() -> None:
    assert bind(Given, {"text": "a", "count": " ", "other": 1}, shout) == Given(text="A")


def test_values_that_do_not_fit_are_named_with_what_was_given() -> None:
    with pytest.raises(NotBound, match=r"text: must not be null; count: .*given: 'MANY'"):
        bind(Given, {"count": "many"}, shout)


def test_what_rendering_raises_is_passed_on() -> None:
    def fails(_: Any) -> Any:
        raise LookupError("no such variable")

    with pytest.raises(LookupError):
        bind(Given, {"text": "{{ x }}"}, fails)


def test_slots_say_what_a_property_may_hold() -> None:
    by_name = {slot.name: slot for slot in slots(Given)}
    assert by_name["text"].required
    assert by_name["values"].structured
    assert not by_name["written"].dynamic
