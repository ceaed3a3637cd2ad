"""Expressions that try to escape, to take all memory, or to raise unexpected errors."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime

import pytest

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.scope import Scope
from contracts.language.expression.template import compile_template

VARIABLES = {"text": "x" * 100_000, "a": "x", "list": list(range(1_000)), "map": {"k": 1}}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x,x]\\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 10)}]\\n"
    for before, name in zip("abcdefg", "bcdefgh", strict=True)
)
HOSTILE = [
    "{{ ''.__class__ }}",
    # What these lead to could be printed, so it would be no error if they were reached.
    "{{ ''.__doc__ }}",
    "{{ ''.__class__.__name__ }}",
    "{{ ''['__doc__'] }}",
    "{{ list.__doc__ }}",
    "{{ map.__doc__ }}",
    "{{ (1).__doc__ }}",
    "{{ map['__class__'] }}",
    "{{ map.keys }}",
    "{{ list.append(1) }}",
    "{{ '{0.__class__}'.format(map) }}",
    "{{ '%1000000000d' | format(1) }}",
    "{{ '%.999999999f' | format(1.5) }}",
    "{{ '%*d' | format(999999999, 1) }}",
    "{{ '%c' | format(-1) }}",
    "{{ text | replace({'x': text}) }}",
    "{{ text | replace({'': text}) }}",
    "{{ text | replace({'x': text}, true) }}",
    "{{ text | regexReplace('', text) }}",
    "{{ text | regexReplace('x', '$0$0$0$0$0$0$0$0$0$0$0$0') }}",
    "{{ a | regexReplace('a|x', '$99') }}",
    "{{ a | regexReplace('x', '${no}') }}",
    "{{ a | indent(999999999) ~ (text | nindent(999999999)) }}",
    "{{ a | nindent(999999999) }}",
    "{{ list | join(text) }}",
    "{{ range(0, 1000000000) }}",
    "{% for i in range(0, 999999) %}{% for j in range(0, 999999) %}{% endfor %}{% endfor %}",
    "{% macro m(x) %}{{ m(x) }}{{ m(x) }}{% endmacro %}{{ m(1) }}",
    "{% set d = [1] %}{% for i in range(1, 9000) %}{% set d = [d] %}{% endfor %}{{ d | yaml }}",
    "{% set n = 9 %}{% for i in range(1, 40) %}{% set n = n * n %}{% endfor %}{{ n }}",
    "{{ yaml('" + LAUGHS + "') }}",
    "{{ yaml('a: &a [*a]') }}",
    "{{ yaml('!!python/object/apply:os.system [id]') }}",
    "{{ fromJson('" + "[" * 100_000 + "') }}",
    "{{ " + "9" * 5_000 + " }}",
    "{{ now() | dateAdd(99999999999999999999, 'DAYS') }}",
    "{{ read('/etc/passwd') }}",
    "{{ now(timeZone='../../etc/passwd') }}",
    "{% include '/etc/passwd' %}",
]


@pytest.mark.parametrize("source", HOSTILE, ids=lambda source: source[:40])
def test_it_is_an_error_of_the_expression_and_takes_little_memory(source: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(ExpressionError):
            compile_template(source).render(Scope(VARIABLES, NOW, 1))
        assert tracemalloc.get_traced_memory()[1] < 150_000_000
    finally:
        tracemalloc.stop()
