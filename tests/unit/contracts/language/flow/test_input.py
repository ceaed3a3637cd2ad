from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contracts.language.expression.impure import PORTS_ELSEWHERE
from contracts.language.expression.scope import Scope
from contracts.language.flow.input import resolve_inputs
from contracts.language.flow.parse import parse_flow

SCOPE = Scope(
    {"vars": {"team": "blue", "colors": ["red", "green"]}, "flow": {"id": "f"}},
    datetime(2026, 1, 1, tzinfo=UTC),
    0,
)


def declared(*inputs):
    text = "id: a\nnamespace: n\ntasks: [{id: t, type: x.Y}]\ninputs:\n" + "".join(
        f"  - {each}\n" for each in inputs
    )
    result = parse_flow(text, None)
    assert result.flow is not None, result.errors
    return result.flow.inputs


def resolve(*inputs, **given):
    return resolve_inputs(declared(*inputs), given, SCOPE)


def value_of(input_type, given, more=""):
    result = resolve(f"{{id: x, type: {input_type}{more}}}", x=given)
    assert result.violations == ()
    return result.values["x"]


def refusal(input_type, given, more=""):
    result = resolve(f"{{id: x, type: {input_type}{more}}}", x=given)
    assert len(result.violations) == 1
    assert "x" not in result.values
    return result.violations[0].message


@pytest.mark.parametrize(
    ("input_type", "given", "value"),
    [
        ("STRING", "", ""),
        ("STRING", 5, "5"),
        ("STRING", True, "true"),
        ("INT", "42", 42),
        ("INT", -7, -7),
        ("FLOAT", "1.5", 1.5),
        ("FLOAT", 2, 2.0),
        ("BOOL", "TRUE", True),
        ("BOOL", "yes", False),
        ("BOOLEAN", False, False),
        ("JSON", '{"a": [1]}', {"a": [1]}),
        ("JSON", {"a": 1}, {"a": 1}),
        ("YAML", "a: [1]", {"a": [1]}),
        ("SELECT, values: [a, b]", "b", "b"),
        ("SELECT, values: [{label: A, value: a}]", "a", "a"),
        ("SELECT, values: [a], required: false", "z", "z"),
        ("SELECT, values: [a], allowCustomValue: true", "z", "z"),
        ("MULTISELECT, values: [a, b]", '["a"]', ["a"]),
        ("ARRAY, itemType: INT", "[1, 2]", [1, 2]),
        ("ARRAY, itemType: INT", ["3"], [3]),
        ("DATE", "2024-05-01", "2024-05-01"),
        ("TIME", "10:30", "10:30:00"),
        ("DATETIME", "2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z"),
        ("DURATION", "PT90S", "PT1M30S"),
        ("URI", "http:/bla", "http:/bla"),
        ("EMAIL", "a@b.org", "a@b.org"),
    ],
)
def test_a_raw_value_becomes_a_typed_one(input_type, given, value):
    typed = value_of(input_type, given)
    assert typed == value
    assert type(typed) is type(value)


@pytest.mark.parametrize(
    ("input_type", "given", "cause"),
    [
        ("INT", "notanint", 'For input string: "notanint"'),
        ("INT", 3_000_000_000, 'For input string: "3000000000"'),
        ("INT", 1.5, 'For input string: "1.5"'),
        ("INT, min: 10", 9, "it must be more than `10`, but received `9`"),
        ("INT, max: 10", 11, "it must be less than `10`, but received `11`"),
        ("FLOAT", "nan", 'For input string: "nan"'),
        ("STRING, validator: '[a-z]+'", "a1", "it must match the pattern `[a-z]+`, but received `a1`"),
        ("SELECT, values: [a, b]", "c", "it must match the values `[a, b]`, but received `c`"),
        (
            "MULTISELECT, values: [a, b]",
            ["a", "c"],
            "value `c` doesn't match the values `[a, b]`, but received `['a', 'c']`",
        ),
        ("ARRAY, itemType: INT", '["s1"]', "Unable to parse array element as `INT` on `s1`"),
        ("DURATION, min: PT1M", "PT1S", "It must be more than `PT1M`, but received `PT1S`"),
        ("DATE, after: 2024-01-01", "2023-12-31", "it must be after `2024-01-01`, but received `2023-12-31`"),
        ("URI", "nothing", "Invalid URI format."),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_cause(input_type, given, cause):
    assert refusal(input_type, given) == f"Invalid value for input `x`. Cause: {cause}"


def test_a_missing_required_input_is_named_and_a_missing_optional_one_is_null():
    assert resolve("{id: x, type: INT}").violations[0].message == "Missing required input:x"
    assert resolve("{id: x, type: INT, required: false}").values == {"x": None}


def test_all_violations_are_reported_not_only_the_first():
    result = resolve("{id: x, type: INT}", "{id: y, type: INT}", y="no")
    assert [each.input for each in result.violations] == ["x", "y"]


def test_defaults_are_used_typed_and_marked():
    result = resolve("{id: x, type: INT, defaults: '3'}", "{id: y, type: INT, defaults: 3}", y=4)
    assert result.values == {"x": 3, "y": 4}
    assert [each.is_default for each in result.inputs] == [True, False]


def test_defaults_are_rendered():
    result = resolve("{id: x, type: STRING, defaults: '{{ vars.team }}'}")
    assert result.values == {"x": "blue"}


def test_an_expression_gives_the_options_of_a_select():
    select = "{id: x, type: SELECT, expression: '{{ vars.colors }}', autoSelectFirst: true}"
    assert resolve(select).values == {"x": "red"}
    assert resolve(select).inputs[0].options == ("red", "green")
    assert "it must match the values `[red, green]`" in resolve(select, x="blue").violations[0].message
    wrong = resolve("{id: x, type: SELECT, expression: '{{ vars.team }}'}", x="a")
    assert "Expected a list of strings" in wrong.violations[0].message


def test_dotted_ids_are_nested_and_taken_from_both_forms():
    inputs = ("{id: db.port, type: INT}", "{id: db.host, type: STRING}")
    flat = resolve_inputs(declared(*inputs), {"db.port": 1, "db.host": "h"}, SCOPE)
    nested = resolve_inputs(declared(*inputs), {"db": {"port": 1, "host": "h"}}, SCOPE)
    assert flat.values == nested.values == {"db": {"port": 1, "host": "h"}}
    assert flat.unknown == nested.unknown == ()


def test_what_is_not_declared_is_ignored_and_named():
    result = resolve_inputs(declared("{id: db.port, type: INT}"), {"db": {"port": 1, "x": 2}, "y": 3}, SCOPE)
    assert result.values == {"db": {"port": 1}}
    assert result.unknown == ("db.x", "y")


def test_an_input_whose_condition_does_not_hold_is_absent():
    inputs = (
        "{id: on, type: BOOL}",
        "{id: x, type: INT, dependsOn: {inputs: ['on'], condition: '{{ inputs.on }}'}}",
        "{id: y, type: INT, dependsOn: {inputs: [x]}}",
    )
    off = resolve(*inputs, on=False)
    assert (off.values, off.violations) == ({"on": False}, ())
    assert [each.enabled for each in off.inputs] == [True, False, False]
    assert resolve(*inputs, on=True, x=1, y=2).values == {"on": True, "x": 1, "y": 2}
    assert [each.input for each in resolve(*inputs, on=True).violations] == ["x", "y"]


def test_an_expression_sees_only_the_inputs_it_depends_on():
    inputs = ("{id: a, type: STRING}", "{id: x, type: STRING, defaults: '{{ inputs.a }}'}")
    assert [each.input for each in resolve(*inputs, a="1").violations] == ["x"]
    depends = (
        "{id: x, type: STRING, defaults: '{{ inputs.a }}', dependsOn: {inputs: [a]}}",
        "{id: a, type: STRING}",
    )
    assert resolve(*depends, a="1").values == {"x": "1", "a": "1"}


def test_a_failing_condition_disables_the_input_and_is_reported():
    result = resolve(
        "{id: a, type: STRING}",
        "{id: x, type: INT, dependsOn: {inputs: [a], condition: '{{ inputs.none.x }}'}}",
        a="1",
    )
    assert [each.message.startswith("Invalid condition: ") for each in result.violations] == [True]
    assert not result.inputs[1].enabled


def test_an_option_is_not_asked_for_before_its_dependency_has_a_value():
    inputs = (
        "{id: a, type: STRING}",
        "{id: x, type: SELECT, expression: '{{ inputs.a | split(\",\") }}', dependsOn: {inputs: [a]}}",
    )
    missing = resolve(*inputs)
    assert [each.message for each in missing.violations] == ["Missing required input:a"]
    assert resolve(*inputs, a="p,q", x="q").values == {"a": "p,q", "x": "q"}


def test_nulls_in_an_array_stay_null_and_other_items_are_no_python():
    given = '[true, null, 1.50, {"a": 1, "b": null}, [1], "x"]'
    items = value_of("ARRAY, itemType: STRING", given)
    assert items == ["true", None, "1.5", '{"a":1,"b":null}', "[1]", "x"]


@pytest.mark.parametrize("input_type", ["JSON", "ARRAY, itemType: JSON"])
def test_a_value_that_is_nested_too_deep_is_refused(input_type):
    assert "nested deeper than 100 levels" in refusal(input_type, "[" * 130 + "]" * 130)


def test_a_big_number_keeps_every_digit():
    text = '{"id":76561198275305775,"huge":15052536450000000000000001}'
    assert value_of("JSON", text) == {"id": 76561198275305775, "huge": 15052536450000000000000001}


def test_what_only_a_worker_can_say_is_pending_and_so_is_what_depends_on_it():
    declared_inputs = declared(
        "{id: a, type: INT, defaults: \"{{ secret('A') }}\"}",
        '{id: b, type: STRING, defaults: x, dependsOn: {inputs: [a], condition: "{{ inputs.a > 1 }}"}}',
        "{id: c, type: STRING, defaults: y}",
    )
    scope = Scope({}, SCOPE.now, 0, PORTS_ELSEWHERE)
    result = resolve_inputs(declared_inputs, {}, scope)
    assert [each.pending for each in result.inputs] == [True, True, False]
    assert (result.values, result.violations) == ({"c": "y"}, ())
    given = resolve_inputs(declared_inputs, {"a": "2"}, scope)
    assert given.values == {"a": 2, "b": "x", "c": "y"}
