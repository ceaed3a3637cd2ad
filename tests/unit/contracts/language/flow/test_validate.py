"""Mistakes of people in their first flows, each by its symptom. The text is the same wherever they validate."""

from __future__ import annotations

import pytest

from contracts.language.flow.validate import validate
from toccata.plugins.host.catalog import PluginCatalog

HEAD = "id: a\nnamespace: n\n"
LOG = "io.kestra.plugin.core.log.Log"


@pytest.fixture(scope="module")
def catalog():
    return PluginCatalog.load()


def task(body: str) -> str:
    return HEAD + "tasks:\n  - id: t\n" + "".join(f"    {line}\n" for line in body.splitlines())


def lines(source: str, catalog: PluginCatalog) -> list[str]:
    return validate(source, catalog).lines()


def test_a_missing_value_names_its_field(catalog):
    assert lines(task(f"type: {LOG}"), catalog) == ["4:5 tasks[0].message: must not be null"]


def test_a_violation_is_one_line_and_the_same_as_data(catalog):
    validation = validate(task(f"type: {LOG}\nmesage: hi\nmessage: hi"), catalog)
    (line,) = validation.lines(lambda line, column: f"flow.yaml:{line}:{column}")
    assert line.startswith('flow.yaml:6:5 tasks[0].mesage: Unrecognized field "mesage"')
    assert line.endswith(" Did you mean `message`?")
    (data,) = validation.as_data()
    assert data["text"] == line.removeprefix("flow.yaml:")
    assert (data["kind"], data["line"], data["column"], data["path"]) == (
        "structure",
        6,
        5,
        "tasks[0].mesage",
    )
    assert data["suggestion"] == "Did you mean `message`?"


def test_a_flow_that_the_server_would_refuse_for_its_size_is_not_ok(catalog):
    (line,) = lines(task(f"type: {LOG}\nmessage: {'x' * 816_000}"), catalog)
    assert line.startswith("1:1: it has 816")
    assert "at most 400000 can be stored. Split it into several flows" in line


@pytest.mark.parametrize(
    ("source", "path", "meant"),
    [
        (task(f"type: {LOG}\nmessage: hi") + "trigers: []\n", "trigers", "triggers"),
        (task(f"type: {LOG}\nmessage: hi\nretry: {{type: constant, intervall: PT1S}}"), "", "interval"),
        (task(f"type: {LOG}\nmessage: hi\ntimout: PT1S"), "tasks[0].timout", "timeout"),
        (
            task(f"type: {LOG}\nmessage: hi") + "inputs: [{id: i, type: STRING, default: x}]\n",
            "inputs[0].default",
            "defaults",
        ),
        (
            task(f"type: {LOG}\nmessage: hi")
            + "triggers: [{id: s, type: io.kestra.plugin.core.trigger.Schedule, crom: '@daily', cron: '@daily'}]\n",
            "triggers[0].crom",
            "cron",
        ),
        (
            task(f"type: {LOG}\nmessage: hi") + "concurrency: {limits: 2, limit: 2}\n",
            "concurrency.limits",
            "limit",
        ),
        (
            task("type: io.kestra.plugin.core.flow.Parallel\nconcurent: 2\ntasks: [{id: u, type: Log}]"),
            "tasks[0].concurent",
            "concurrent",
        ),
        (task(f"type: {LOG}\nmessage: hi") + "inputs: [{id: i, type: STRNG}]\n", "inputs[0].type", "STRING"),
    ],
)
def test_a_mistyped_key_is_followed_by_the_nearest_one(source, path, meant, catalog):
    found = [each for each in validate(source, catalog).errors if f"`{meant}`" in each.suggestion]
    assert [each.suggestion for each in found] == [f"Did you mean `{meant}`?"]
    assert found[0].path.endswith(path)


@pytest.mark.parametrize("call", ["appLink()", "credential('x')"])
def test_a_function_that_is_not_built_is_warned_of_when_the_flow_is_saved(call, catalog):
    validation = validate(task(f'type: {LOG}\nmessage: "{{{{ {call} }}}}"'), catalog)
    assert validation.flow is not None
    name = call.partition("(")[0]
    assert validation.lines() == [
        f"6:18 warning: tasks[0].message: Function `{name}` is not built here yet: rendering this fails"
    ]


@pytest.mark.parametrize(
    "part",
    [
        "message: \"{{ secret('X') }}\"",
        "message: hi\nrunIf: \"{{ secret('X') == 'y' }}\"",
        "message: hi\ntimeout: \"{{ secret('X') }}\"",
        "message: hi\nworkerGroup: {key: \"{{ secret('X') }}\"}",
    ],
)
def test_a_function_of_workers_may_be_called_wherever_an_execution_renders(part, catalog):
    assert lines(task(f"type: {LOG}\n{part}"), catalog) == []


def test_the_key_of_a_worker_group_is_checked(catalog):
    (line,) = lines(task(f'type: {LOG}\nmessage: hi\nworkerGroup: {{key: "{{{{ inputs. }}}}"}}'), catalog)
    assert "tasks[0].workerGroup.key: Invalid expression" in line


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ fromJsn(x) }}", "Did you mean `fromJson`?"),
        ("{{ x | uper }}", "Did you mean `upper`?"),
        ("{{ upper(x) }}", "`upper` is a filter: write `value | upper`."),
        ("{{ x | fromJson }}", "`fromJson` is a function: write `fromJson(value)`."),
        ("{{ datafaker() }}", "Kestra has it, but Toccata does not have it yet."),
    ],
)
def test_an_unknown_function_or_filter_gets_a_suggestion(template, said, catalog):
    (violation,) = validate(task(f'type: {LOG}\nmessage: "{template}"'), catalog).errors
    assert violation.path == "tasks[0].message"
    assert violation.suggestion == said


def test_a_deprecation_names_the_successor(catalog):
    loop = task(
        f"type: io.kestra.plugin.core.flow.ForEach\nvalues: [1]\ntasks: [{{id: u, type: {LOG}, message: m}}]"
    )
    assert lines(loop, catalog) == [
        "5:11 deprecation: tasks[0].type: `io.kestra.plugin.core.flow.ForEach` is replaced by `io.kestra.plugin.core.flow.Loop`"
    ]
    old = task("type: io.kestra.core.tasks.log.Log\nmessage: hi")
    assert lines(old, catalog) == [
        f"5:11 deprecation: tasks[0].type: `io.kestra.core.tasks.log.Log` is replaced by `{LOG}`"
    ]


@pytest.mark.parametrize(
    ("written", "path", "reason"),
    [
        ("containerImage: python:3.13", "containerImage", "on the worker itself, without a container"),
        (
            "docker: {image: x}\nrunner: PROCESS",
            "docker",
            "on the worker itself, without a container",
        ),
        ("pythonVersion: '3.13'", "pythonVersion", "the worker's own Python"),
        (
            "taskRunner: {type: io.kestra.plugin.core.runner.Process, memory: {memory: 2GB}}",
            "taskRunner.memory",
            "nothing reads it",
        ),
    ],
)
def test_a_property_that_is_ignored_is_warned_of(written, path, reason, catalog):
    source = task(f"type: io.kestra.plugin.scripts.python.Script\nscript: pass\n{written}")
    (warning,) = validate(source, catalog).remarks
    assert (warning.kind, warning.path, warning.line) == ("warning", f"tasks[0].{path}", 7)
    assert warning.message.endswith(reason)


def test_findings_are_in_the_order_of_the_source(catalog):
    source = task(f"type: {LOG}") + "labels: {a: ''}\ninputs: [{id: i, type: STRNG}]\n"
    assert [each.line for each in validate(source, catalog).errors] == [4, 6, 7]


def triggered(trigger: str) -> str:
    return task(f"type: {LOG}\nmessage: hi") + f"triggers:\n  - {trigger}\n"


EVENT_TRIGGER = "id: e\n    type: io.toccata.plugin.core.trigger.Event\n    topic: orders\n    "
SCHEDULE_TRIGGER = 'id: s\n    type: io.kestra.plugin.core.trigger.Schedule\n    cron: "0 3 * * *"\n    '
WEBHOOK_TRIGGER = "id: w\n    type: io.kestra.plugin.core.trigger.Webhook\n    key: secret-key-of-16\n    "


def test_a_triggers_condition_without_braces_is_checked_for_syntax_at_its_place(catalog):
    (violation,) = validate(triggered(EVENT_TRIGGER + "when: trigger.data.amount >> 100"), catalog).errors
    assert violation.path == "triggers[0].when"
    source = triggered(EVENT_TRIGGER + "when: trigger.data.amount >> 100").splitlines()
    assert source[violation.line - 1][violation.column - 1 :].startswith(">")
    assert lines(triggered(EVENT_TRIGGER + "when: trigger.data.amount > 100"), catalog) == []
    assert lines(triggered(EVENT_TRIGGER + "when: true"), catalog) == []


@pytest.mark.parametrize("trigger", [EVENT_TRIGGER, SCHEDULE_TRIGGER])
@pytest.mark.parametrize(
    "part",
    ["when: secret('X') == 'y'", "inputs: {i: \"{{ secret('X') }}\"}", "labels: {i: \"{{ secret('X') }}\"}"],
)
def test_a_secret_in_a_schedule_or_an_event_is_warned_of_because_nobody_supplies_it(trigger, part, catalog):
    (line,) = lines(triggered(trigger + part), catalog)
    assert "warning: triggers[0]." in line
    assert "Function `secret` is not available here" in line


def test_a_webhook_may_ask_for_secrets_and_no_trigger_for_what_is_not_built(catalog):
    assert lines(triggered(WEBHOOK_TRIGGER + "inputs: {i: \"{{ secret('X') }}\"}"), catalog) == []
    (line,) = lines(triggered(WEBHOOK_TRIGGER + "inputs: {i: \"{{ credential('X') }}\"}"), catalog)
    assert "Function `credential` is not built here yet" in line


@pytest.mark.parametrize("key", ["runIf", "when"])
def test_a_tasks_condition_without_an_expression_is_warned_of_because_it_is_always_true(key, catalog):
    (violation,) = validate(task(f"type: {LOG}\nmessage: hi\n{key}: inputs.n > 3"), catalog).remarks
    assert (violation.path, violation.line) == (f"tasks[0].{key}", 7)
    assert "always true" in violation.message
    assert violation.suggestion == "Write `{{ inputs.n > 3 }}`."


@pytest.mark.parametrize("value", ["true", "false", "'true'", "'false'", "'0'", "''", '"{{ inputs.n }}"'])
def test_a_tasks_condition_that_is_a_plain_truth_or_an_expression_is_not_warned_of(value, catalog):
    assert lines(task(f"type: {LOG}\nmessage: hi\nrunIf: {value}"), catalog) == []


def test_a_flow_of_a_thousand_mistakes_is_answered_with_the_first_hundred_and_a_count(catalog):
    wrong = "".join(f"  - {{id: t{index}, type: {LOG}, mesage: hi}}\n" for index in range(1000))
    validation = validate(f"{HEAD}tasks:\n{wrong}", catalog)
    assert len(validation.errors) == 101
    assert validation.lines()[-1] == "1900 more are not listed"
    assert "1900 more are not listed" in validation.refusal
    assert validation.flow is None


@pytest.mark.parametrize(
    ("key", "warned"),
    [("fifteen-letters", True), ("sixteen--letters", False), ("\"{{ secret('K') }}\"", False)],
)
def test_a_webhook_with_a_short_key_works_and_gets_a_warning(
    catalog: PluginCatalog, key: str, warned: bool
) -> None:
    trigger = f"{{id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: {key}}}"
    task = "{id: say, type: io.kestra.plugin.core.log.Log, message: hi}"
    result = validate(f"id: a\nnamespace: b\ntasks: [{task}]\ntriggers: [{trigger}]\n", catalog)
    assert result.flow is not None
    assert [each.path for each in result.remarks] == (["triggers[0].key"] if warned else [])
