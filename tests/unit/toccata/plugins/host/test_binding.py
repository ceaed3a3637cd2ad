from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from contracts.language.expression.presence import has_expression
from toccata.plugin import Duration, Properties, TaskFailed, dynamic, static
from toccata.plugins.host.binding import bind, check


class Part(BaseModel):
    name: str
    size: int = 0


class Sample(Properties):
    text: str = dynamic()
    count: int = dynamic(1, ge=0)
    flag: bool = dynamic(default=False)
    wait: Duration = dynamic(timedelta(seconds=1))
    names: list[str] = dynamic([])
    env: dict[str, Any] = dynamic({})
    parts: list[Part] = dynamic([])
    either: str | list[str] | None = dynamic(None)
    fixed_name: str = static("x")


def rendered(value: Any) -> Any:
    """Stands for a rendering in which ``{{ name: text }}`` becomes the text."""
    if isinstance(value, str):
        return value.replace("{{ ", "").replace(" }}", "")
    if isinstance(value, list):
        return [rendered(item) for item in value]
    if isinstance(value, dict):
        return {rendered(key): rendered(item) for key, item in value.items()}
    return value


def bound(**written: Any) -> Any:
    return bind(Sample, {"text": "t", **written}, rendered)


@pytest.mark.parametrize(
    ("name", "written", "expected"),
    [
        ("count", "{{ 12 }}", 12),
        ("count", " 12 ", 12),
        ("count", 12, 12),
        ("flag", "{{ true }}", True),
        ("flag", "{{ false }}", False),
        ("wait", "{{ PT2M }}", timedelta(minutes=2)),
        ("names", '{{ ["a","b"] }}', ["a", "b"]),
        ("names", ["{{ a }}", "b"], ["a", "b"]),
        ("env", '{"A": 1}', {"A": 1}),
        ("env", {"{{ A }}": "{{ b }}", "n": 1}, {"A": "b", "n": 1}),
        ("parts", '[{"name": "a", "size": 2}]', [Part(name="a", size=2)]),
        ("either", "[1, 2]", "[1, 2]"),
        ("either", ["a"], ["a"]),
    ],
)
def test_a_dynamic_property_is_rendered_to_text_and_converted_to_its_type(
    name: str, written: Any, expected: Any
) -> None:
    assert getattr(bound(**{name: written}), name) == expected


@pytest.mark.parametrize("name", ["count", "flag", "wait", "names", "env"])
def test_empty_text_in_a_place_for_something_else_leaves_the_default(name: str) -> None:
    assert getattr(bound(**{name: "{{  }}"}), name) == Sample.model_fields[name].default


def test_empty_text_stays_text() -> None:
    assert bound(text="").text == ""


def test_a_static_property_is_taken_as_written() -> None:
    assert bound(fixedName="{{ raw }}").fixed_name == "{{ raw }}"


def test_keys_that_come_from_plugin_defaults_and_are_unknown_are_passed_over() -> None:
    assert bound(bucket="b").text == "t"


def test_a_rendered_value_that_does_not_fit_fails_with_name_and_value() -> None:
    with pytest.raises(TaskFailed, match=r"count: must be a whole number.*'many'"):
        bound(count="{{ many }}")


def test_a_missing_required_property_fails_by_name() -> None:
    with pytest.raises(TaskFailed, match="text: must not be null"):
        bind(Sample, {}, rendered)


@pytest.mark.parametrize(
    "written",
    [
        {"text": "{{ x }}", "count": "{{ x }}", "flag": "{% if x %}true{% endif %}", "wait": "{{ x }}"},
        {"text": "t", "names": "{{ x }}", "env": "{{ x }}", "parts": "{{ x }}"},
        {"text": "t", "names": ["{{ x }}"], "parts": [{"name": "n", "size": "{{ x }}"}]},
        {"text": "t", "names": '["a"]', "count": "3", "wait": "PT1S"},
    ],
)
def test_expressions_and_literals_that_fit_pass(written: dict[str, Any]) -> None:
    assert check(Sample, written) == []


@pytest.mark.parametrize(
    ("written", "path", "message"),
    [
        ({"text": "t", "count": "many"}, "count", "must be a whole number, not `many`"),
        ({"text": "t", "count": -1}, "count", "greater than or equal to 0"),
        ({"text": "t", "wait": "15s"}, "wait", "use days and time only"),
        ({"text": "t", "names": ["a", {"b": 1}]}, "names[1]", "must be a text, not a map"),
        ({"text": "t", "parts": [{"size": 1}]}, "parts[0].name", "must not be null"),
        ({}, "text", "must not be null"),
        ({"text": None}, "text", "must not be null"),
    ],
)
def test_what_does_not_fit_is_a_violation_at_its_place(
    written: dict[str, Any], path: str, message: str
) -> None:
    (violation,) = check(Sample, written)
    assert violation.path == path
    assert message in violation.message


def test_an_unknown_property_is_a_violation_that_names_the_accepted_ones() -> None:
    (violation,) = check(Sample, {"text": "t", "contents": 1})
    assert violation.path == "contents"
    assert violation.kind == "structure"
    assert '"contents"' in violation.message
    for name in ("text", "count", "fixedName"):
        assert f'"{name}"' in violation.message


def test_a_wrong_member_of_a_union_is_reported_once_and_deepest() -> None:
    (violation,) = check(Sample, {"text": "t", "either": ["{{ x }}", {"a": 1}]})
    assert violation.path == "either[1]"


def test_expressions_are_found_deep_in_values() -> None:
    assert has_expression({"a": [1, {"b": "{% if x %}"}]})
    assert has_expression({"{{ k }}": 1})
    assert not has_expression({"a": ["{ x }", 1, None]})
