"""Values of inputs that stand in a flow are checked when it is saved."""

from __future__ import annotations

import pytest

from tests.unit.contracts.language.flow.flow_source import HEAD, TASKS, parsed, the_one

SCHEDULE = "triggers:\n  - {id: w, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 5 * * *', inputs: "
HOOK = "triggers:\n  - {id: w, type: io.kestra.plugin.core.trigger.Webhook, key: 4wjtkzwVGBM9yKnjm3yv8r, inputs: "
TWO = (
    "inputs:\n  - {id: i, type: INT, defaults: 1}\n  - {id: s.t, type: SELECT, values: [a, b], defaults: a}\n"
)


@pytest.mark.parametrize(
    ("declared", "cause"),
    [
        ("type: SELECT, values: [s, m, l], defaults: xxl", "it must match the values `[s, m, l]`"),
        ("type: INT, defaults: seven", 'For input string: "seven"'),
        ("type: INT, max: 5, defaults: 9", "it must be less than `5`"),
        ("type: STRING, validator: '^a+$', defaults: bbb", "it must match the pattern `^a+$`"),
        ("type: DATE, defaults: '2024-13-01'", "Text '2024-13-01' could not be parsed"),
        ("type: DURATION, defaults: PT3D", "invalid ISO-8601 duration `PT3D`"),
        ("type: MULTISELECT, values: [a, b], defaults: [c]", "value `c` doesn't match the values `[a, b]`"),
        ("type: ARRAY, itemType: INT, defaults: [q]", "Unable to parse array element as `INT` on `q`"),
        ("type: JSON, defaults: '{bad'", "invalid JSON"),
        ("type: DATETIME, defaults: yesterday", "Text 'yesterday' could not be parsed"),
        ("type: EMAIL, defaults: nobody", "The input must be a valid email"),
        ("type: URI, defaults: nothing", "Invalid URI format."),
        ("type: FILE, defaults: a.csv", "expected a file, or a URI"),
    ],
)
def test_a_default_that_does_not_fit_is_refused(declared: str, cause: str) -> None:
    path, line, _, message = the_one(f"{HEAD}inputs:\n  - {{id: x, {declared}}}\n{TASKS}")
    assert (path, line) == ("inputs[0].defaults", 4)
    assert message.startswith("Invalid value for input `x`. Cause: ")
    assert cause in message


@pytest.mark.parametrize(
    "declared",
    [
        "type: INT, defaults: '{{ 1 + 1 }}'",
        "type: SELECT, expression: '{{ [1] }}', defaults: x",
        "type: SELECT, values: [a], allowCustomValue: true, defaults: x",
        "type: ARRAY, itemType: INT, defaults: ['{{ 1 }}']",
        "type: BOOL, defaults: true",
        "type: FILE, defaults: 'nsfile:///hello.txt'",
    ],
)
def test_what_only_its_expression_decides_is_left_alone(declared: str) -> None:
    assert parsed(f"{HEAD}inputs:\n  - {{id: x, {declared}}}\n{TASKS}").errors == ()


@pytest.mark.parametrize("trigger", [SCHEDULE, HOOK])
@pytest.mark.parametrize(
    ("inputs", "path", "message"),
    [
        ("{i: abc}", "triggers[0].inputs.i", 'Invalid value for input `i`. Cause: For input string: "abc"'),
        ("{s: {t: z}}", "triggers[0].inputs['s.t']", "it must match the values `[a, b]`"),
        ("{nope: 1}", "triggers[0].inputs.nope", "gives an input `nope` that the flow does not declare"),
    ],
)
def test_an_input_of_a_trigger_that_does_not_fit_is_refused(
    trigger: str, inputs: str, path: str, message: str
) -> None:
    found = the_one(f"{HEAD}{TWO}{TASKS}{trigger}{inputs}}}\n")
    assert found[0] == path
    assert message in found[3]


def test_good_inputs_of_a_trigger_pass() -> None:
    given = "{i: '7', s: {t: b}}"
    assert parsed(f"{HEAD}{TWO}{TASKS}{HOOK}{given}}}\n").errors == ()
    expression = "{i: '{{ trigger.body.i }}'}"
    assert parsed(f"{HEAD}{TWO}{TASKS}{HOOK}{expression}}}\n").errors == ()
