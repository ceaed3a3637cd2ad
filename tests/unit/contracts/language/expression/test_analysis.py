"""What a template refers to, without rendering it."""

from __future__ import annotations

import pytest

from contracts.language.expression.analysis import References, references
from contracts.language.expression.parser import parse


def found_in(source: str) -> References:
    return references(parse(source))


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ("plain", set()),
        ("{{ a }}", {("a",)}),
        ("{{ inputs.a.b }}", {("inputs", "a", "b")}),
        ("{{ inputs['a'] }}", {("inputs", "a")}),
        ("{{ outputs.t[taskrun.value].x }}", {("outputs", "t"), ("taskrun", "value")}),
        ("{{ list[0].a }}", {("list",)}),
        ("{{ a | default(b.c) }}", {("a",), ("b", "c")}),
        ("{% if a %}{{ b }}{% else %}{{ c }}{% endif %}", {("a",), ("b",), ("c",)}),
        ("{{ [a, {'k': b}] }}", {("a",), ("b",)}),
        ('{{ "x#{a.b}" }}', {("a", "b")}),
        ("{{ a.b.size() }}", {("a", "b")}),
    ],
)
def test_paths_are_as_long_as_they_are_known(source: str, paths: set[tuple[str, ...]]) -> None:
    assert found_in(source).paths == paths


def test_calls_are_listed_with_the_variables_that_they_read() -> None:
    found = found_in("{{ currentEachOutput(outputs.x).value ~ env('A') }}")
    assert found.calls == {"currentEachOutput", "env"}
    assert found.paths == {("outputs", "x"), ("parents",), ("taskrun",), ("envs",)}
    assert not found.whole


@pytest.mark.parametrize("call", ["printContext()", "fetchContext()", "render(vars.a)", "renderOnce(vars.a)"])
def test_what_renders_a_text_may_read_anything(call: str) -> None:
    assert found_in("{{ " + call + " }}").whole
