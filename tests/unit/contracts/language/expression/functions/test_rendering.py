"""Templates within templates."""

from __future__ import annotations

import pytest

from contracts.language.expression.errors import ExpressionError
from tests.support.expression import render, value_of


def test_render_goes_on_until_nothing_changes() -> None:
    assert value_of("render(a)", a="{{ b }}", b="{{ c }}", c="end") == "end"


def test_render_once_stops_after_one_pass() -> None:
    assert value_of("renderOnce(a)", a="{{ b }}", b="{{ c }}", c="end") == "{{ c }}"
    assert value_of("render(a, recursive=false)", a="{{ b }}", b="{{ c }}", c="end") == "{{ c }}"


def test_texts_within_lists_and_maps_are_rendered_and_the_rest_stays() -> None:
    found = value_of("render(a)", a={"{{ k }}": ["{{ v }}", 7, None]}, k="key", v="value")
    assert found == {"key": ["value", 7, None]}


def test_what_renders_to_itself_for_ever_is_refused() -> None:
    with pytest.raises(ExpressionError, match="Too many rendering attempts"):
        value_of("render(a)", a="x{{ a }}")


def test_raw_text_survives_render() -> None:
    assert value_of("render(a)", a="{% raw %}{{ b }}{% endraw %} {{ b }}", b="c") == "{{ b }} c"


def test_a_block_can_be_printed_again() -> None:
    assert render("{% block b %}x{% endblock %}-{{ block('b') }}") == "x-x"


def test_a_block_that_is_not_there_is_named() -> None:
    with pytest.raises(ExpressionError, match="There is no block `b`"):
        render("{{ block('b') }}")
