from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from contracts.language.flow.model import Label
from contracts.language.flow.parse import message_of, parse_flow, part_violations
from contracts.language.flow.retry import ExponentialRetry
from contracts.language.types.flowable.branch import IF
from contracts.language.types.flowable.parallel import PARALLEL
from tests.unit.contracts.language.flow.catalog_of_types import LOG, FewTypes

CONFORMANCE = Path(os.environ.get("TOCCATA_CONFORMANCE_DIR", "../shared/conformance"))
ROOT = Path(__file__).parents[5]
if not CONFORMANCE.is_absolute():
    CONFORMANCE = ROOT / CONFORMANCE

HEAD = "id: a\nnamespace: n\n"
TASKS = "tasks:\n  - {id: t, type: io.kestra.plugin.core.log.Log, message: hi}\n"


def parsed(text, *, catalog=True):
    return parse_flow(text, FewTypes() if catalog else None)


def found(text):
    """(path, line, column, message) of everything that is wrong."""
    result = parsed(text)
    assert result.flow is None
    return [(each.path, each.line, each.column, each.message) for each in result.errors]


def the_one(text):
    violations = found(text)
    assert len(violations) == 1, violations
    return violations[0]


def golden(name):
    file = CONFORMANCE / "golden-api" / name
    if not file.exists():
        pytest.skip(f"no conformance data at {CONFORMANCE}")
    return json.loads(file.read_text())


def test_a_flow_with_everything_becomes_a_model():
    flow = parsed(
        """
id: full
namespace: company.team
revision: 12
description: text
labels: {team: data, size: 3, hot: true}
inputs:
  - {id: name, type: STRING, defaults: world}
variables: {greeting: "Hello {{ inputs.name }}"}
retry: {type: exponential, interval: PT1S, maxInterval: PT10S, maxAttempt: 3}
concurrency: {limit: 2, behavior: fail}
tasks:
  - id: choose
    type: io.kestra.core.tasks.flows.If
    condition: "{{ inputs.name == 'x' }}"
    timeout: PT5S
    then:
      - {id: yes_log, type: io.kestra.core.tasks.log.Log, message: m, allowFailure: true, logLevel: warn}
    else:
      - {id: no_log, type: io.kestra.plugin.core.log.Log, message: m, runIf: "{{ true }}"}
errors:
  - {id: tell, type: io.kestra.plugin.core.log.Log, message: m}
finally:
  - {id: tidy, type: io.kestra.plugin.core.log.Log, message: m}
afterExecution:
  - {id: after, type: io.kestra.plugin.core.log.Log, message: m}
outputs:
  - {id: final, type: STRING, value: "{{ outputs.x }}"}
triggers:
  - {id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: secret, labels: {a: b}}
pluginDefaults:
  - {type: io.kestra.plugin.core.log.Log, values: {level: ERROR}}
sla:
  - {id: s, type: MAX_DURATION, behavior: FAIL, duration: PT1H}
checks:
  - {condition: "{{ true }}", message: no}
"""
    )
    assert flow.errors == ()
    assert flow.flow is not None
    model = flow.flow
    assert model.revision is None
    assert model.labels == (
        Label(key="team", value="data"),
        Label(key="size", value="3"),
        Label(key="hot", value="true"),
    )
    assert isinstance(model.retry, ExponentialRetry)
    assert model.retry.max_attempts == 3
    choose = model.tasks[0]
    assert choose.type == IF.name
    assert choose.properties == {"condition": "{{ inputs.name == 'x' }}"}
    assert [task.id for task in choose.children["then"] + choose.children["else"]] == ["yes_log", "no_log"]
    yes = choose.children["then"][0]
    assert yes.type == LOG
    assert yes.allow_failure
    assert yes.log_level == "WARN"
    assert yes.properties == {"message": "m", "level": "ERROR"}
    assert choose.children["else"][0].run_if == "{{ true }}"
    assert [model.errors[0].id, model.finally_[0].id, model.after_execution[0].id] == [
        "tell",
        "tidy",
        "after",
    ]
    assert model.triggers[0].properties == {"key": "secret"}
    assert model.concurrency is not None
    assert model.concurrency.behavior == "FAIL"
    assert {each.path for each in flow.deprecations} == {
        "retry.maxAttempt",
        "tasks[0].type",
        "tasks[0].then[0].type",
    }


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
                "",
                5,
                10,
                "Invalid Flow: System labels can only be set by Kestra itself, offending label: system.x=1",
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
            ("retry", 5, 8, "`interval` must be less than `maxDuration`"),
        ),
        (
            HEAD + TASKS + "retry: {type: random, minInterval: PT5S, maxInterval: PT5S}\n",
            ("retry", 5, 8, "`minInterval` must be less than `maxInterval`"),
        ),
        (HEAD + TASKS + "retry: {type: constant}\n", ("retry.interval", 5, 8, "must not be null")),
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


def test_everything_that_is_wrong_is_reported_at_once():
    text = """
id: "no good"
namespace: n
labels: {a: ""}
colour: red
inputs:
  - {id: i, type: TEXT}
  - {id: j, type: STRING, validator: "["}
tasks:
  - {id: t, type: no.Such}
  - id: p
    type: io.kestra.plugin.core.flow.Parallel
    concurrent: -1
    tasks:
      - {id: t, type: io.kestra.plugin.core.log.Log}
      - {id: "x.y", type: io.kestra.plugin.core.log.Log, message: "{{ a"}
triggers:
  - {id: s, type: io.kestra.plugin.core.trigger.Schedule, cron: "61 * * * *", timezone: Mars/Base}
"""
    paths = [path for path, *_ in found(text)]
    assert paths == [
        "colour",
        "id",
        "labels",
        "tasks[0].type",
        "tasks[1].tasks[0].message",
        "tasks[1].tasks[1].id",
        "tasks[1].tasks[1].message",
        "tasks[1].concurrent",
        "triggers[0].timezone",
        "inputs[0].type",
        "inputs[1].validator",
        "",
    ]


def test_a_validator_that_could_take_for_ever_is_refused():
    text = HEAD + (
        "inputs:\n  - {id: i, type: STRING, validator: '(a+)+'}\n"
        "tasks:\n  - {id: t, type: io.kestra.plugin.core.log.Log, message: hi}\n"
    )
    path, _, _, message = the_one(text)
    assert path == "inputs[0].validator"
    assert "repeats a repetition" in message


def test_an_expression_in_a_block_is_reported_at_its_own_line():
    text = (
        HEAD
        + "tasks:\n  - id: t\n    type: io.kestra.plugin.core.debug.Return\n    format: |\n      one\n      {{ two\n"
    )
    path, line, _, _ = the_one(text)
    assert (path, line) == ("tasks[0].format", 8)


@pytest.mark.parametrize(
    "text", ["{{ a" + ".b" * 20_000 + " }}", "{{ a" + " ~ a" * 20_000 + " }}", "{{ " + "(" * 20_000]
)
def test_an_expression_beyond_all_measure_is_a_violation_too(text):
    task = f"tasks:\n  - {{id: t, type: io.kestra.plugin.core.debug.Return, format: '{text}'}}\n"
    assert the_one(HEAD + task)[3].startswith("Invalid expression: ")


def test_braces_of_a_property_that_is_never_rendered_are_no_expressions():
    assert parsed(HEAD + "tasks: [{id: t, type: test.Static, text: '{{ a'}]\n").flow is not None


def test_ids_are_unique_over_all_lists_of_tasks():
    text = HEAD + TASKS + f"errors:\n  - {{id: t, type: {LOG}, message: m}}\n"
    assert the_one(text) == ("", 6, 6, "Invalid Flow: Duplicate task id with name [t]")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            "triggers: [{id: w, type: io.kestra.plugin.core.trigger.Webhook, key: a}, {id: w, type: io.kestra.plugin.core.trigger.Webhook, key: b}]",
            "Duplicate trigger id with name [w]",
        ),
        ("inputs: [{id: i, type: INT}, {id: i, type: INT}]", "Duplicate input with name [i]"),
        (
            "outputs: [{id: i, type: INT, value: 1}, {id: i, type: INT, value: 1}]",
            "Duplicate output with name [i]",
        ),
        (
            "inputs: [{id: i, type: INT, dependsOn: {inputs: [j]}}]",
            "Input with id 'i' depends on a non-existent input 'j'.",
        ),
        (
            "inputs: [{id: db, type: INT}, {id: db.port, type: INT}]",
            "Inputs `db` and `db.port` conflict: one is inside the other",
        ),
        (
            "pluginDefaults: [{type: io.kestra.plugin.core.log.Log, values: {colour: red}}]",
            "Invalid Plugin Default: No property 'colour' exists in plugin 'io.kestra.plugin.core.log.Log'",
        ),
        (
            "inputs: [{id: i, type: INT}, {id: j, type: INT, required: false}]\ntriggers: [{id: s, type: io.kestra.plugin.core.trigger.Schedule, cron: '@daily'}]",
            "Missing inputs for Schedule Trigger 's', missing inputs: 'i'",
        ),
    ],
)
def test_parts_that_contradict_each_other_are_refused(more, message):
    assert the_one(HEAD + TASKS + more)[3] == "Invalid Flow: " + message


def test_a_cycle_among_inputs_is_refused_for_each_of_them():
    inputs = (
        "inputs: [{id: i, type: INT, dependsOn: {inputs: [j]}}, {id: j, type: INT, dependsOn: {inputs: [i]}}]"
    )
    messages = [each[3] for each in found(HEAD + TASKS + inputs)]
    assert messages == [f"Invalid Flow: Cycle dependency detected for input with id {name}" for name in "ij"]


def test_keys_that_a_prefix_default_brings_and_the_type_does_not_know_are_dropped():
    defaults = "pluginDefaults: [{type: io.kestra.plugin.core, values: {bucket: b, level: WARN}}]\n"
    flow = parsed(HEAD + TASKS + defaults).flow
    assert flow is not None
    assert flow.tasks[0].properties == {"message": "hi", "level": "WARN"}


def test_without_a_catalog_types_are_not_looked_up():
    text = (
        HEAD + "tasks: [{id: t, type: no.Such, anything: 1}]\ntriggers: [{id: x, type: no.Trigger, a: 1}]\n"
    )
    flow = parsed(text, catalog=False).flow
    assert flow is not None
    assert flow.tasks[0].properties == {"anything": 1}
    assert flow.triggers[0].properties == {"a": 1}


def test_a_trigger_of_ours_is_read_and_one_that_selects_nothing_is_warned_of():
    event = "triggers: [{id: e, type: io.toccata.plugin.core.trigger.Event%s}]\n"
    assert parsed(HEAD + TASKS + event % ", eventType: a.*").warnings == ()
    assert len(parsed(HEAD + TASKS + event % "").warnings) == 1
    assert the_one(HEAD + TASKS + event % ", kind: a")[0] == "triggers[0].kind"


def test_more_than_ten_thousand_tasks_are_refused():
    tasks = "".join(f"  - {{id: t{n}, type: {LOG}, message: m}}\n" for n in range(10_001))
    assert the_one(HEAD + "tasks:\n" + tasks)[3] == "has 10001 tasks, at most 10000 are allowed"


def test_a_document_that_is_no_map_is_refused():
    assert message_of(parsed("- a").errors).startswith("Illegal flow yaml: a flow is a map")


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
    "name",
    [
        "011_flow_create_invalid_type_422.json",
        "012_flow_create_invalid_id_422.json",
        "013_flow_create_no_tasks_422.json",
        "016_flow_create_duplicate_task_ids_422.json",
    ],
)
def test_refusals_read_as_on_the_original_server(name):
    call = golden(name)
    errors = parsed(call["request"]["text"]).errors
    assert f"Invalid entity: {message_of(errors)}" == call["response"]["message"]


def test_what_the_original_server_accepts_is_accepted():
    for name in ("009_flow_create.json", "031_flow_validate_ok.json"):
        result = parsed(golden(name)["request"]["text"])
        assert result.errors == ()
        assert result.warnings == ()
        assert result.deprecations == ()


def test_a_removed_input_type_is_kept_with_a_deprecation():
    result = parsed(golden("007_flow_create_removed_input_type_422.json")["request"]["text"])
    assert result.flow is not None
    assert [each.path for each in result.deprecations] == ["inputs[2].type"]


def test_a_part_that_stands_alone_is_checked_with_paths_of_its_own():
    call = golden("034_flow_validate_task.json")
    errors = part_violations(call["request"]["text"], "TASKS", FewTypes())
    assert message_of(errors) == call["response"]["constraints"]
    trigger = "id: s\ntype: io.kestra.plugin.core.trigger.Schedule\ncron: nonsense\n"
    assert "invalid cron" in part_violations(trigger, "TRIGGERS", FewTypes())[0].message
    assert part_violations("[", "TASKS", FewTypes())[0].kind == "syntax"


def test_every_flow_of_the_course_is_read():
    files = sorted((CONFORMANCE / "zoomcamp").glob("*.yaml"))
    if not files:
        pytest.skip(f"no conformance data at {CONFORMANCE}")
    for file in files:
        result = parse_flow(file.read_text(), None)
        assert result.errors == (), file.name


def test_what_is_accepted_but_not_carried_out_is_warned_of():
    source = """
id: promises
namespace: tests
sla: [{id: fast, type: MAX_DURATION, duration: PT1M, behavior: FAIL}]
tasks:
  - id: outer
    type: io.kestra.plugin.core.flow.Sequential
    tasks:
      - {id: inner, type: io.kestra.plugin.core.log.Log, message: x, taskCache: {enabled: true}, logToFile: true}
triggers:
  - {id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 1 * * *", workerGroup: {key: big}}
"""
    parsed = parse_flow(source, None)

    assert not parsed.errors
    named = [(w.split("`")[0] + w.split("`")[1], w.split(" has `")[1].split("`")[0]) for w in parsed.warnings]
    assert named == [
        ("The flow has sla", "sla"),
        ("Task inner", "taskCache"),
        ("Task inner", "logToFile"),
        ("Trigger daily", "workerGroup"),
    ]
