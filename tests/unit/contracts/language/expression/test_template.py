"""Examples of the language (docs/language/expressions.md), limits, errors with places, and static analysis."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contracts.language.expression.errors import (
    ExpressionError,
    ExpressionSyntaxError,
    LimitExceeded,
    UndefinedVariable,
)
from contracts.language.expression.scope import Limits, Scope
from contracts.language.expression.template import compile_template, is_truthy, render_value

NOW = datetime(2025, 6, 1, 8, 30, tzinfo=UTC)
VARIABLES = {
    "s": "abc",
    "n": None,
    "l": [1, 2],
    "m": {"a": {"b": None}},
    "i": 5,
    "outputs": {"my-task": {"value": "v"}},
}


def scope(**changes: object) -> Scope:
    return Scope(VARIABLES, NOW, 1, **changes)  # type: ignore[arg-type]


def render(source: str, **changes: object) -> str:
    return compile_template(source).render(scope(**changes))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("plain {text}", "plain {text}"),
        ("{{ n }}", ""),
        ("{{ missing ?? 'd' }}/{{ n ?? 'd' }}", "d/d"),
        ("{{ n ??? 'd' }}/{{ missing ??? 'd' }}", "/d"),
        ("{{ '' ?? 'd' }}", ""),
        ("{{ m.a.b }}", ""),
        ("{{ m.a.x.y ?? 'd' }}", "d"),
        ("{{ l[5] ?? 0 }}", "0"),
        ("{{ missing | default('x') }}", "x"),
        ("{{ missing ?? s | upper }}", "ABC"),
        ("{{ s ~ i + 1 }}", "abc51"),
        ("{{ 1 + 2 ~ '3' }}", "123"),
        ("{{ 7 / 2 }} {{ 7 / 2.0 }} {{ 7 % 4 }} {{ -7 / 2 }} {{ -7 % 4 }}", "3 3.5 3 -3 -3"),
        ("{{ 2 + 3 * 4 }} {{ (2 + 3) * 4 }}", "14 20"),
        ("{{ -i + 1 }}", "-4"),
        ("{{ not true == false }}", "true"),
        ("{{ 2 == 2.0 }} {{ '2' == 2 }}", "true false"),
        ("{{ n > 1 }}", "false"),
        ("{{ l }} {{ m }}", '[1,2] {"a":{}}'),
        ("{{ l contains 1 }} {{ m contains 'a' }} {{ s contains 'bc' }}", "true true true"),
        ("{{ s is empty }} {{ '  ' is empty }}", "false true"),
        ("{{ missing is defined }} {{ n is defined }} {{ s is not defined }}", "false false false"),
        ("{{ 1..3 }} {{ 'a'..'c' }}", '[1,2,3] ["a","b","c"]'),
        ('{{ "a#{i + 1}" }}', "a6"),
        ("{{ i > 3 ? 'big' : 'small' }}", "big"),
        ("{% for e in {'x': 1} %}{{ e.key }}={{ e.value }}{% endfor %}", "x=1"),
        ("{% for x in l %}{{ loop.index }}:{{ x }}{{ loop.last ? '' : ',' }}{% endfor %}", "0:1,1:2"),
        ("{% for x in [] %}a{% else %}none{% endfor %}", "none"),
        ("{% set t = 2 %}{{ t * i }}", "10"),
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ("{% if i > 9 %}a{% elseif i == 5 %}b{% else %}c{% endif %}", "b"),
        (
            "{% macro hi(name, mark='!') %}hi {{ name }}{{ mark }}{% endmacro %}{{ hi('you') }}{{ hi('me', mark='?') }}",
            "hi you!hi me?",
        ),
        ("{% filter upper | trim %} x {% endfilter %}", "X"),
        ("a {{- ' b ' -}} c{# comment #}", "a b c"),
        ("{{ fromJson('{\"k\":[10]}').k[0] + 1 }}", "11"),
        (
            "{{ '2024-03-10T10:00:00Z' | date(\"yyyy-MM-dd'T'HH:mmXXX\", timeZone='Europe/Paris') }}",
            "2024-03-10T11:00+01:00",
        ),
        ("{{ '2024-01-31' | dateAdd(1,'MONTHS','yyyy-MM-dd') }}", "2024-02-29"),
        ("{{ ['b','a'] | sort | join(',') }}", "a,b"),
        ("{{ outputs['my-task'].value }}", "v"),
        ("{{ now(format='yyyy-MM-dd HH:mm') }}", "2025-06-01 08:30"),
        ("{{ 1.0 }} {{ 10000000.0 }} {{ 0.0001 }}", "1.0 1.0E7 1.0E-4"),
        ("{{ s.length() }} {{ l.size() }} {{ 'a-b'.split('-') }}", '3 2 ["a","b"]'),
        (
            "{{ 3.14159 | numberFormat('#.##') }} {{ 1234567.5 | numberFormat('#,##0.00') }}",
            "3.14 1,234,567.50",
        ),
        ("{{ 'o-12' | regexExtract('(\\\\d+)', 1) }}", "12"),
        (
            "{{ isLastWorkingDay('2024-06-28') }} {{ dayOfWeek('2024-07-01') }} {{ isWeekend('2024-07-06') }}",
            "true MONDAY true",
        ),
    ],
)
def test_examples(source: str, expected: str) -> None:
    assert render(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "{{ missing }}",
        "{{ m.a.b.c }}",
        "{{ missing ?? missing2 }}",
        "{{ missing | upper }}",
        "{{ missing is null }}",
        "{{ l[5] }}",
    ],
)
def test_what_is_not_there_is_an_error_that_names_it(source: str) -> None:
    with pytest.raises(UndefinedVariable, match="Unable to find `"):
        render(source)


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("{{ a", (1, 1)),
        ("line\n{{ a b }}", (2, 6)),
        ("{% if a %}x", (1, 12)),
        ("{{ nofunction() }}", (1, 4)),
        ("{{ a | nofilter }}", (1, 6)),
        ("{{ 'a }}", (1, 4)),
        ("{% nosuch %}", (1, 3)),
    ],
)
def test_syntax_errors_say_where(source: str, place: tuple[int, int]) -> None:
    with pytest.raises(ExpressionSyntaxError) as raised:
        compile_template(source)
    assert (raised.value.line, raised.value.column) == place


def test_runtime_errors_say_where() -> None:
    with pytest.raises(ExpressionError) as raised:
        render("a\n{{ 1 / 0 }}")
    assert (raised.value.line, raised.value.message) == (2, "Division by zero")


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in 1..1000 %}{% for b in 1..1000 %}{% for c in 1..1000 %}{% endfor %}{% endfor %}{% endfor %}",
        "{{ range(1, 100000000) }}",
        "{% set x = 'aaaaaaaaaaaaaaaaaaaaaaaa' %}{% for a in 1..40 %}{% set x = x ~ x %}{% endfor %}{{ x }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% set x = 99999999 %}{% for a in 1..30 %}{% set x = x * x %}{% endfor %}{{ x }}",
    ],
)
def test_what_would_never_end_is_stopped(source: str) -> None:
    with pytest.raises(ExpressionError):
        render(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ " + "(" * 500 + "1" + ")" * 500 + " }}",
        "{{ a" + ".b" * 5000 + " }}",
        "{{ 1" + " + 1" * 5000 + " }}",
    ],
)
def test_depth_is_bounded_while_parsing(source: str) -> None:
    with pytest.raises(ExpressionSyntaxError):
        compile_template(source)


def test_time_is_bounded_by_the_caller() -> None:
    with pytest.raises(LimitExceeded, match="too long"):
        render("{% for a in 1..5000 %}{% endfor %}", limits=Limits(expired=lambda: True))


def test_output_is_bounded() -> None:
    with pytest.raises(LimitExceeded, match="characters"):
        render("{% for a in 1..100 %}0123456789{% endfor %}", limits=Limits(max_output_chars=500))


def test_python_objects_cannot_be_reached() -> None:
    for name in ("__class__", "__init__", "__globals__", "format", "mro"):
        with pytest.raises(ExpressionError):
            render(f"{{{{ s.{name} }}}}")
        with pytest.raises(ExpressionError):
            render(f"{{{{ s.{name}() }}}}")


def test_ports_are_called_and_absent_ones_say_where_they_work() -> None:
    assert render("{{ secret('K') }}", ports={"secret": lambda key: f"<{key}>"}) == "<K>"
    with pytest.raises(ExpressionError, match="not available here"):
        render("{{ secret('K') }}")


def test_the_same_seed_gives_the_same_ids() -> None:
    assert render("{{ uuid() }} {{ randomInt(1, 1000000) }}") == render(
        "{{ uuid() }} {{ randomInt(1, 1000000) }}"
    )


def test_typed_evaluation_keeps_types() -> None:
    assert compile_template("{{ l }}").evaluate(scope()) == [1, 2]
    assert compile_template("{{ n }}").evaluate(scope()) is None
    assert compile_template("{{ i }}{{ 2 }}").evaluate(scope()) == 7
    assert compile_template("x{{ i }}").evaluate(scope()) == "x5"


def test_values_are_rendered_within_maps_and_lists() -> None:
    assert render_value({"k{{ i }}": ["{{ s }}", 3, None]}, scope()) == {"k5": ["abc", 3, None]}


def test_static_analysis_finds_paths_calls_and_what_needs_everything() -> None:
    template = compile_template(
        "{{ outputs.a['b'].c[inputs.x] ?? vars.y | default(labels.z) }}{{ secret('k') }}"
    )
    assert template.paths == {("outputs", "a", "b", "c"), ("inputs", "x"), ("vars", "y"), ("labels", "z")}
    assert template.calls == {"secret"}
    assert not template.whole
    assert compile_template("{{ render(vars.a) }}").whole


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ("false", False),
        ("0", False),
        ("-0", False),
        ("False", True),
        ("no", True),
        (" ", False),
        ("  false\n", False),
        ("\n0 ", False),
        (" no ", True),
    ],
)
def test_truth_of_rendered_text(text: str, expected: bool) -> None:
    assert is_truthy(text) is expected
