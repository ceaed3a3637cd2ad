"""Whether a value has anything to render."""

from __future__ import annotations

import pytest

from contracts.language.expression.presence import has_expression


@pytest.mark.parametrize(
    "value", ["{{ a }}", "x {% if a %}", ["a", "{{ b }}"], {"{{ k }}": 1}, {"a": [{"b": "{{"}]}]
)
def test_something_to_render(value: object) -> None:
    assert has_expression(value)


@pytest.mark.parametrize(
    "value", ["", "{ a }", "}}", "{# only a comment #}", 1, None, b"{{ a }}", ["a", {"b": "c"}]]
)
def test_nothing_to_render(value: object) -> None:
    assert not has_expression(value)
