"""Laws of the expression language over arbitrary text and variables."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.scope import Limits, Scope
from contracts.language.expression.template import compile_template

NOW = datetime(2025, 1, 1, tzinfo=UTC)
LIMITS = Limits(max_output_chars=50_000, max_steps=5_000, max_elements=5_000)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
PIECES = st.sampled_from(
    ["{{", "}}", "{%", "%}", "{#", "#}", "-", " ", "a", "b.c", "a[0]", "|", "upper", "date", "'x'", '"#{a}"', "1", "2.5", "(", ")", "[", "]", "{", "}", ":", ",", "?", "??", "+", "*", "~", "is", "not", "defined", "if", "endif", "for", "in", "endfor", "set", "=", "range(1,9)", "\\", "\x00", "é", "\n"]
)  # fmt: skip
SOURCES = st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=30).map(lambda t: "{{ " + t + " }}")


@given(SOURCES, st.dictionaries(st.sampled_from(["a", "b", "x"]), JSON, max_size=3))
def test_rendering_gives_text_or_an_expression_error(source: str, variables: dict[str, object]) -> None:
    try:
        rendered = compile_template(source).render(Scope(variables, NOW, 1, limits=LIMITS))
    except ExpressionError:
        return
    assert isinstance(rendered, str)


@given(st.text(max_size=60).filter(lambda t: "{{" not in t and "{%" not in t and "{#" not in t))
def test_text_without_delimiters_is_itself(text: str) -> None:
    assert compile_template(text).render(Scope({}, NOW, 1)) == text


@given(SOURCES, st.dictionaries(st.sampled_from(["a", "b", "x"]), JSON, max_size=3))
def test_a_template_sees_no_more_than_its_paths_say(source: str, variables: dict[str, object]) -> None:
    try:
        template = compile_template(source)
        full = template.render(Scope(variables, NOW, 1, limits=LIMITS))
    except ExpressionError:
        return
    if template.whole:
        return
    seen = {name: value for name, value in variables.items() if name in template.names}
    assert template.render(Scope(seen, NOW, 1, limits=LIMITS)) == full
