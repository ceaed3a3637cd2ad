from __future__ import annotations

from contracts.language.types.input.select import SelectInput, choice


def test_a_select_offers_its_values_or_what_its_expression_gives():
    keys = {"id": "x", "type": "SELECT", "values": ["a"], "allowCustomValue": True, "autoSelectFirst": True}
    found = choice(SelectInput.model_validate(keys))
    assert (found.written, found.expression, found.custom, found.first, found.many) == (
        ("a",),
        None,
        True,
        True,
        False,
    )
    by_expression = choice(SelectInput.model_validate({"id": "x", "type": "SELECT", "expression": "{{ a }}"}))
    assert (by_expression.written, by_expression.expression) == ((), "{{ a }}")
