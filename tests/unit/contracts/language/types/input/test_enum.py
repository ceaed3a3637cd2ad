from __future__ import annotations

from contracts.language.types.input.enum import ENUM, EnumInput, choice


def test_an_enum_offers_its_values_and_no_other():
    found = choice(EnumInput.model_validate({"id": "x", "type": "ENUM", "values": ["a", "b"]}))
    assert (found.written, found.custom, found.first) == (("a", "b"), False, False)
    assert ENUM.deprecated_by == "SELECT"
