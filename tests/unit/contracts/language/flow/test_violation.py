"""Each mistake in a field is one violation, with its place and in words that Kestra's clients know."""

from __future__ import annotations

import pytest

from contracts.language.flow.violation import message_of
from contracts.language.types.flowable.parallel import PARALLEL
from tests.unit.contracts.language.flow.catalog_of_types import LOG
from tests.unit.contracts.language.flow.flow_source import HEAD, TASKS, parsed, the_one


@pytest.mark.parametrize(
    ("text", "violation"),
    [
        ("id: bad id!\nnamespace: n\n" + TASKS, ("id", 1, 5, 'must match "^[a-zA-Z0-9][a-zA-Z0-9._-]*"')),
        (
            "id: kill\nnamespace: n\n" + TASKS,
            ("id", 1, 5, "`kill` is a reserved flow id, choose another one"),
        ),
        ("id: a\nnamespace: N\n" + TASKS, ("namespace", 2, 12, 'must match "^[a-z0-9][a-z0-9._-]*"')),
        ("namespace: n\n" + TASKS, ("id", 1, 1, "must not be null")),
        (HEAD, ("tasks", 1, 1, "must not be empty")),
        (HEAD + "tasks: []\n", ("tasks", 3, 8, "must not be empty")),
        (HEAD + "tasks: 5\n", ("tasks", 3, 8, "must be a list, not `5`")),
        (HEAD + "tasks: [x]\n", ("tasks[0]", 3, 9, "must be a map, not `x`")),
        (HEAD + "tasks: [{id: x}]\n", ("tasks[0].type", 3, 9, "must not be null")),
        (HEAD + "tasks:\n  - {id: x, type: no.Such}\n", ("tasks[0].type", 4, 19, "Invalid type: no.Such")),
        (
            HEAD + "tasks:\n  - {id: x, type: test.Runner}\n",
            ("tasks[0].type", 4, 19, "Invalid type: test.Runner"),
        ),
        (
            HEAD + TASKS + "triggers:\n  - {id: x, type: test.Runner}\n",
            ("triggers[0].type", 6, 19, "Invalid type: test.Runner"),
        ),
        (
            HEAD + TASKS + "labels: {system.x: 1}\n",
            (
                "labels['system.x']",
                5,
                10,
                "System labels can only be set by Kestra itself, offending label: system.x=1",
            ),
        ),
        (
            HEAD + TASKS + "labels: {a: [1]}\n",
            ("labels", 5, 9, "label `a` needs a text, a number or a boolean that is not empty"),
        ),
        (
            HEAD + TASKS + "concurrency: {limit: 0}\n",
            ("concurrency.limit", 5, 22, "must be greater than or equal to 1"),
        ),
        (
            HEAD + TASKS + "concurrency: {limit: 1, behavior: WAIT}\n",
            ("concurrency.behavior", 5, 35, "must be one of 'QUEUE', 'CANCEL' or 'FAIL', not `WAIT`"),
        ),
        (
            HEAD + TASKS + "quotas: []\n",
            ("quotas", 5, 9, "quotas are not supported: remove them, or limit with `concurrency`"),
        ),
        (
            HEAD + TASKS + "retry: {type: never}\n",
            ("retry", 5, 8, "Invalid type: never (known: 'constant', 'exponential', 'random')"),
        ),
        (
            HEAD + TASKS + "retry: {type: constant, interval: PT5S, maxDuration: PT5S}\n",
            ("retry", 5, 8, "'interval' must be less than 'maxDuration' but is PT5S"),
        ),
        (
            HEAD + TASKS + "retry: {type: random, minInterval: PT5S, maxInterval: PT5S}\n",
            ("retry", 5, 8, "'minInterval' must be less than 'maxInterval' but is PT5S"),
        ),
        (HEAD + TASKS + "retry: {type: constant}\n", ("retry.interval", 5, 8, "must not be null")),
        (
            HEAD + TASKS + "inputs: [{id: i, type: ARRAY, itemType: ARRAY}]\n",
            ("inputs[0].itemType", 5, 41, "`itemType` cannot be `ARRAY`"),
        ),
        (
            HEAD + TASKS + "retry: {type: constant, interval: 5}\n",
            ("retry.interval", 5, 35, "must be an ISO-8601 duration such as PT5S, not a number"),
        ),
        (
            HEAD + TASKS + "outputs:\n  - {id: o, type: TEXT, value: x}\n",
            ("outputs[0].type", 6, 19, "Invalid type: TEXT"),
        ),
    ],
)
def test_one_mistake_is_one_violation_with_its_place(text, violation):
    assert the_one(text) == violation


@pytest.mark.parametrize(
    ("field", "path", "message"),
    [
        ("timeout: 5s", "timeout", "invalid ISO-8601 duration `5s`"),
        ("disabled: maybe", "disabled", "must be true or false, not `maybe`"),
        ("logLevel: LOUD", "logLevel", "must be one of"),
        ("message: '{{ inputs.a'", "message", "Invalid expression"),
        ("runIf: '{{ nope( }}'", "runIf", "Invalid expression"),
        ("when: '{{ nope( }}'", "when", "Invalid expression"),
        ("workerGroup: {}", "workerGroup.key", "must not be null"),
        ("workerGroup: {key: a, colour: b}", "workerGroup.colour", '(2 known properties: "fallback", "key")'),
        ("color: red", "color", 'Unrecognized field "color"'),
    ],
)
def test_common_and_own_properties_of_a_task_are_checked(field, path, message):
    text = (
        HEAD
        + f"tasks:\n  - id: t\n    type: {LOG}\n    {'' if 'message' in field else 'message: m'}\n    {field}\n"
    )
    at, line, _, words = the_one(text)
    assert at == f"tasks[0].{path}"
    assert line == 7
    assert message in words


def test_an_unknown_key_names_the_accepted_ones():
    path, line, column, message = the_one(HEAD + "foo: bar\n" + TASKS)
    assert (path, line, column) == ("foo", 3, 1)
    assert message.startswith(
        'Unrecognized field "foo", not marked as ignorable (26 known properties: "afterExecution", '
    )
    path, _, _, message = the_one(
        HEAD
        + f"tasks:\n  - {{id: p, type: {PARALLEL.name}, concurent: 2, tasks: [{{id: t, type: test.Static}}]}}\n"
    )
    assert path == "tasks[0].concurent"
    assert all(f'"{name}"' in message for name in ("concurrent", "tasks", "errors", "timeout", "runIf"))


def test_messages_of_all_kinds_are_joined_in_the_words_of_the_original():
    text = HEAD + "foo: 1\nlabels: {system.a: b, system.c: d}\n"
    errors = parsed(text + TASKS.replace("foo", "")).errors
    assert message_of(errors).startswith('Unrecognized field "foo"')
    only = parsed(HEAD + TASKS + "labels: {system.a: b, system.c: d}\n").errors
    assert message_of(only) == (
        ": Invalid Flow: System labels can only be set by Kestra itself, offending label: system.a=b, "
        "System labels can only be set by Kestra itself, offending label: system.c=d\n"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + "tasks:\n  - {id: go, type: org.example.Missing}\n", "Invalid type: org.example.Missing"),
        (
            "id: not good?\nnamespace: n\n" + TASKS,
            'id: must match "^[a-zA-Z0-9][a-zA-Z0-9._-]*"\n',
        ),
        (HEAD, "tasks: must not be empty\n"),
        (
            HEAD + TASKS + TASKS.removeprefix("tasks:\n"),
            ": Invalid Flow: Duplicate task id with name [t]\n",
        ),
    ],
)
def test_refusals_read_as_on_the_original_server(text, message):
    assert message_of(parsed(text).errors) == message
