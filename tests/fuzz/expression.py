"""Templates: built by the grammar over every word of the language, and mutated from the cases of the conformance tests."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import yaml
from hypothesis import strategies as st

from contracts.language.expression.attribute import METHODS
from contracts.language.expression.check import CHECKS
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.filters import FILTERS
from contracts.language.expression.functions import FUNCTIONS
from contracts.language.expression.operator import BINARY
from contracts.language.expression.scope import Limits, Scope
from contracts.language.expression.template import compile_template
from tests.fuzz.text import mutated

CASES = Path(__file__).parents[1] / "conformance" / "data" / "expressions"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LIMITS = Limits(max_steps=200_000, max_bytes=67_108_864)
VARIABLES: dict[str, object] = {
    "text": "a,b;1e4000000000 2026-01-01T00:00:00Z\n" * 200,
    "long": "a" * 300_000,
    "number": "1e4000000000",
    "list": [1, "two", None, 2.5, [3], {"k": "v"}],
    "many": list(range(3_000)),
    "map": {"a": 1, "b": {"c": [1, 2]}, "1": "x"},
    "json": '[{"a":[1,2,{"b":null}]},1e308,"\\u0000"]',
    "yaml": "a: &x [1:30, 0x1f]\nb: *x\n<<: {c: 1}\n",
    "date": "2026-03-01T12:30:00+02:00",
    "nested": "{{ render(text) }}{% raw %}{{ x }}{% endraw %}",
}
_LITERALS = st.sampled_from([*VARIABLES, "none", "1", "-3", "2.5", "99999999999999999999", "'x'", "','", "'(a|b)*'", "'$0$1'", "'yyyy-MM-dd'", "'BIGDECIMAL'", "'#,##0.0'", "true", "null", "[]", "{}", "1..9"])  # fmt: skip


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    arguments = st.lists(inner, max_size=3).map(", ".join)
    methods = st.sampled_from(sorted({name for table in METHODS.values() for name in table}))
    return st.one_of(
        st.builds("({} | {}({}))".format, inner, st.sampled_from(sorted(FILTERS)), arguments),
        st.builds("{}({})".format, st.sampled_from(sorted(FUNCTIONS)), arguments),
        st.builds("{}.{}({})".format, st.sampled_from(sorted(VARIABLES)), methods, arguments),
        st.builds("({} {} {})".format, inner, st.sampled_from([*BINARY, "and", "or", "??", "???"]), inner),
        st.builds("({} is {})".format, inner, st.sampled_from(sorted(CHECKS))),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{'k': {}, ({}): 1}}".format, inner, inner),
        st.builds("{}[{}]".format, st.sampled_from(sorted(VARIABLES)), inner),
        st.builds("(not ({}))".format, inner),
    )


EXPRESSIONS = st.recursive(_LITERALS, _larger, max_leaves=12)
STATEMENTS = st.one_of(
    st.builds("{{{{ {} }}}}".format, EXPRESSIONS),
    st.builds("{{% for i in {} %}}{{% set list = [list, {}] %}}{{{{ i }}}}{{% endfor %}}".format, EXPRESSIONS, EXPRESSIONS),
    st.builds("{{% for i in 1..2000 %}}{{% set text = {} %}}{{% endfor %}}{{{{ text }}}}".format, EXPRESSIONS),
    st.builds("{{% if {} %}}{{{{ {} }}}}{{% else %}}x{{% endif %}}".format, EXPRESSIONS, EXPRESSIONS),
    st.builds("{{% macro m(x) %}}{{{{ {} }}}}{{{{ m(x) }}}}{{% endmacro %}}{{{{ m({}) }}}}".format, EXPRESSIONS, EXPRESSIONS),
    st.builds("{{% filter {} %}}{{{{ {} }}}}{{% endfilter %}}".format, st.sampled_from(sorted(FILTERS)), EXPRESSIONS),
    st.builds("{{{{ render({}) }}}}".format, EXPRESSIONS),
)  # fmt: skip


def _written() -> list[str]:
    return [
        str(case["in"])
        for file in sorted(CASES.glob("*.yaml"))
        for group in yaml.safe_load(file.read_text())
        for case in group["cases"]
    ]


TEMPLATES = st.one_of(
    st.lists(STATEMENTS, min_size=1, max_size=3).map("".join), mutated(st.sampled_from(_written()))
)
DECLARED = (ExpressionError,)


def check(source: str) -> None:
    """Render it as the executor does, and evaluate it as an input's default."""
    scope = Scope(VARIABLES, NOW, 1, limits=LIMITS)
    template = compile_template(source)
    with suppress(ExpressionError):
        assert len(template.render(scope)) <= LIMITS.max_output_chars
    template.evaluate(Scope(VARIABLES, NOW, 1, limits=LIMITS))
