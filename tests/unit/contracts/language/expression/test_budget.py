"""No operation of the language allocates more than its budget, whatever it is given: each is called with large arguments."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from contracts.language.expression.attribute import METHODS
from contracts.language.expression.budget import Budget
from contracts.language.expression.check import CHECKS
from contracts.language.expression.errors import ExpressionError, LimitExceeded
from contracts.language.expression.filters import FILTERS
from contracts.language.expression.functions import FUNCTIONS
from contracts.language.expression.operator import BINARY
from contracts.language.expression.scope import Limits, Scope
from contracts.language.expression.template import compile_template

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MIB = 1_048_576
LIMITS = Limits(max_bytes=MIB // 4)


def shared(levels: int) -> list[Any]:
    """A small list that has ten to the power of ``levels`` elements when it is written out."""
    value: list[Any] = ["x"]
    for _ in range(levels):
        value = [value] * 10
    return value


LARGE: dict[str, object] = {
    "letters": "a" * MIB,
    "lines": "\n" * MIB,
    "signs": "%s" * (MIB // 2),
    "wide": "\u1e9b\u0323" * (MIB // 2),
    "commas": "[" + "[]," * (MIB // 4) + "[]]",
    "rows": "- 1:1\n" * (MIB // 6),
    "numbers": list(range(300_000)),
    "texts": ["a" * 1_000] * 300_000,
    "lists": [list(range(1_000))] * 100_000,
    "shared": shared(9),
    "map": {str(number): "a" * 1_000 for number in range(50_000)},
    "maps": {"left": {"of": shared(9)}, "right": shared(9)},
    "pairs": {"a": "a" * 10_000, "": "b" * 10_000, "\n": "c" * 10_000},
    "huge": "1e4000000000",
    "digits": "9" * 4_000,
    "amount": 1_000_000,
}
SMALL = {"twin": shared(9), "one": 1, "pattern": "(a|\n)*", "group": "$0$0$0$0", "picture": "0" * 150}
SCOPE = Scope({**LARGE, **SMALL}, NOW, 1)
OF_OPERATORS = ["letters", "wide", "numbers", "lists", "shared", "map"]
ARGUMENTS = ["letters", "numbers", "twin", "pairs", "amount", "pattern", "picture"]


def sources_of(name: str) -> Iterator[str]:
    """Templates that use one word with each large value, and with each argument."""
    kind, _, word = name.partition(" ")
    table = {"filter": FILTERS, "function": FUNCTIONS, "test": CHECKS}.get(kind, {})
    for value in LARGE if kind in {"filter", "function", "test"} else OF_OPERATORS:
        if kind == "operator":
            yield from (f"{{{{ [{value} {word} {other}] | length }}}}" for other in ARGUMENTS)
        elif kind == "test":
            yield f"{{{{ {value} is {word} }}}}"
        elif kind == "method":
            yield f"{{{{ [{value}.{word}()] | length }}}}"
            yield from (f"{{{{ [{value}.{word}({other})] | length }}}}" for other in ARGUMENTS)
            yield f"{{{{ [{value}.{word}('a', letters)] | length }}}}"
        else:
            declared = table[word]
            more = max(declared.required, min(1, len(declared.parameters)), int(declared.variadic))
            more -= kind == "function"
            for other in ARGUMENTS if more > 0 else [""]:
                given = ", ".join([other] * max(more, 0))
                if kind == "filter":
                    yield f"{{{{ [{value} | {word}({given})] | length }}}}"
                else:
                    yield f"{{{{ [{word}({', '.join(part for part in (value, given) if part)})] | length }}}}"


NAMES = [
    *(f"filter {name}" for name in FILTERS),
    *(f"function {name}" for name in FUNCTIONS),
    *(f"test {name}" for name in CHECKS if name != "defined"),
    *(f"operator {name}" for name in (*BINARY, "and", "or", "??", "???")),
    *sorted({f"method {name}" for methods in METHODS.values() for name in methods}),
]


@contextmanager
def traced() -> Iterator[Callable[[], int]]:
    """Gives a function that returns the greatest size since the last call, in bytes."""
    tracemalloc.start(1)
    before = tracemalloc.get_traced_memory()[0]

    def peak() -> int:
        nonlocal before
        found = tracemalloc.get_traced_memory()[1] - before
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        return found

    try:
        yield peak
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def _calendar() -> None:
    """Load the library of holidays, which is no value of an expression."""
    compile_template("{{ isPublicHoliday('2026-12-25', 'FR') }}").render(SCOPE)


@pytest.mark.usefixtures("_calendar")
@pytest.mark.parametrize("name", NAMES)
def test_a_word_allocates_no_more_than_the_budget(name: str) -> None:
    with traced() as peak:
        for source in sources_of(name):
            with suppress(ExpressionError):
                template = compile_template(source)
                peak()
                template.render(Scope(SCOPE.variables, NOW, 1, limits=LIMITS))
            assert peak() < 5 * MIB, source


STATEMENTS = {
    "printing": "{{ numbers }}{{ map }}",
    "printing what is shared": "{{ shared }}",
    "a chain": "{% set s = letters %}{% for i in 1..99 %}{% set s = s ~ s %}{% endfor %}",
    "a list of texts": "{% set l = [] %}{% for i in 1..9999 %}{% set l = l + [letters ~ i] %}{% endfor %}",
    "a list of lists": "{% set l = [] %}{% for i in 1..9999 %}{% set l = l + [l, l] %}{% endfor %}",
    "literals": "{% set l = [] %}{% for i in 1..99999 %}{% set l = [l, [[],[],[]], {'a': {}}] %}{% endfor %}",
    "interpolation": '{% for i in 1..99 %}{% set s = "#{letters}#{letters}" %}{% endfor %}',
    "interpolated numbers": '{{ "#{numbers}" }}',
    "entries": "{% for e in map %}{% endfor %}",
    "a macro": "{% macro m(x) %}{{ x ~ x ~ letters }}{% endmacro %}{{ m(letters) }}",
    "a block": "{% block b %}{{ numbers }}{% endblock %}{{ block('b') }}",
    "a filter's tag": "{% filter replace({'a': letters}) %}aaaaaaaaaaaaaaaaaaaaaa{% endfilter %}",
    "keys": "{% set m = {(numbers): 1} %}",
    "rendering again": "{{ render([letters, numbers, shared]) }}",
    "an index": "{{ map[numbers] }}",
    "a name that is missing": "{{ map[letters ~ letters] }}",
    "a negative": "{{ -numbers }}",
    "a ternary": "{{ letters ? numbers : map }}",
}


@pytest.mark.parametrize("what", STATEMENTS)
def test_a_statement_allocates_no_more_than_the_budget(what: str) -> None:
    template = compile_template(STATEMENTS[what])
    with traced() as peak:
        with pytest.raises(ExpressionError):
            template.render(Scope(SCOPE.variables, NOW, 1, limits=LIMITS))
        assert peak() < 5 * MIB


def test_the_renderings_of_a_scope_share_one_budget() -> None:
    scope = Scope({"text": "a" * 100_000}, NOW, 1, limits=LIMITS)
    template = compile_template("{{ text ~ 'b' }}")
    for _ in range(2):
        template.render(scope)
    with pytest.raises(LimitExceeded, match="more memory than"):
        template.render(scope)
    assert len(template.render(Scope(scope.variables, NOW, 1, limits=LIMITS))) == 100_001


def test_a_value_that_is_evaluated_counts_as_often_as_its_parts_occur() -> None:
    """It is stored and sent, which copies every occurrence."""
    source = "{{ [[shared, shared], [shared, shared]] }}"
    with pytest.raises(LimitExceeded):
        compile_template(source).evaluate(Scope(LARGE, NOW, 1, limits=LIMITS))


@pytest.mark.parametrize("kind", ["BIGDECIMAL", "DOUBLE", "FLOAT", "INT", "LONG", "BIGINTEGER"])
@pytest.mark.parametrize("text", ["1e4000000000", "-1E-4000000000", "9" * 1_001, "0e999999999999999999"])
def test_eleven_bytes_are_no_number_of_gigabytes(kind: str, text: str) -> None:
    source = f"{{{{ inputs.n | number('{kind}') }}}}"
    scope = Scope({"inputs": {"n": text}}, NOW, 1, limits=LIMITS)
    with traced() as peak:
        with suppress(ExpressionError):
            assert len(compile_template(source).render(scope)) < 20
        assert peak() < 5 * MIB


@pytest.mark.parametrize("source", ["{{ n * n }}", "{{ n * n * n }}", "{{ 1.5 * n * n }}"])
def test_decimals_do_not_grow_by_arithmetic(source: str) -> None:
    for exponent in (900, -900):
        setting = f"{{% set n = '1e{exponent}' | number('BIGDECIMAL') %}}"
        with pytest.raises(LimitExceeded, match="digits"):
            compile_template(setting + source).render(Scope({}, NOW, 1))


def test_a_message_about_a_long_value_is_short() -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_template("{{ text | number('INT') }}").render(Scope({"text": "x" * 900}, NOW, 1))
    assert len(str(caught.value)) < 3_000
    assert len(ExpressionError("x" * MIB).message) < 3_000


def test_comparing_equal_values_of_shared_parts_ends() -> None:
    """Written out they have two to the power of sixty elements, and Python's comparison visits them all."""
    double = "{% for i in 1..60 %}{% set a = {'l': a, 'r': a} %}{% set b = {'l': b, 'r': b} %}{% endfor %}"
    start = "{% set a = {'x': 1} %}{% set b = {'x': 1} %}" + double
    ends = ["a == b", "[a] contains b", "l.contains(b)", "l - b", "l.indexOf(b)", "m.containsValue(b)", "[a, b] | distinct", "a isIn [b]"]  # fmt: skip
    for end in ends:
        source = f"{start}{{% set l = [a] %}}{{% set m = {{'k': a}} %}}{{{{ {end} }}}}"
        with pytest.raises(LimitExceeded):
            compile_template(source).render(Scope({}, NOW, 1, limits=LIMITS))
    lists = start.replace("{'l': a, 'r': a}", "[a, a]").replace("{'l': b, 'r': b}", "[b, b]")
    for end in ("{{ [a, b] | sort }}", "{{ a == b }}"):
        with pytest.raises(ExpressionError):
            compile_template(lists + end).render(Scope({}, NOW, 1, limits=LIMITS))


def test_the_last_occurrence_of_a_long_part_is_found_at_once() -> None:
    """Python's ``rfind`` compared the product of both lengths: 40 s, in which nothing could interrupt it."""
    variables = {"text": "a" * (MIB // 2) + "ab" + "a" * 9, "part": "ab" + "a" * (MIB // 4)}
    source = "{{ text | substringBeforeLast(part) | length }} {{ text.lastIndexOf(part) }}"
    assert compile_template(source).render(Scope(variables, NOW, 1)) == f"{MIB // 2 + 11} -1"


def test_a_budget_is_never_more_than_it_was() -> None:
    budget = Budget(100)
    budget.charge(100)
    for charge in (lambda: budget.charge(1), lambda: budget.chars("a"), lambda: budget.walk([1])):
        with pytest.raises(LimitExceeded):
            charge()


def test_json_of_a_value_is_as_large_as_it_was_charged() -> None:
    value = {"a": ["b" * 1_000] * 1_000, "c" * 1_000: [{"d": None}] * 1_000}
    before = Budget(16 * MIB)
    text = compile_template("{{ value }}").render(Scope({"value": value}, NOW, 1, {}, LIMITS, before))
    assert before.most - before.left > 2 * len(text)
    assert orjson.loads(text)["a"] == value["a"]
