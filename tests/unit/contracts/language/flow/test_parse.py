"""A source becomes a model, or everything that is wrong with it at once."""

from __future__ import annotations

from contracts.language.flow.label import Label
from contracts.language.flow.parse import parse_flow, part_violations
from contracts.language.flow.retry import ExponentialRetry
from contracts.language.flow.violation import message_of
from contracts.language.types.flowable.branch import IF
from tests.unit.contracts.language.flow.catalog_of_types import LOG, FewTypes
from tests.unit.contracts.language.flow.flow_source import HEAD, TASKS, found, parsed, the_one


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
        "tasks[1].tasks[0].id",
    ]


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


def test_more_than_ten_thousand_tasks_are_refused():
    """They only fit into one flow with aliases, and an alias counts as all that it stands for."""
    first = f"  - {{id: t0, type: &l {LOG}, message: &m m}}\n"
    tasks = first + "".join(f"  - {{id: t{n}, type: *l, message: *m}}\n" for n in range(1, 10_001))
    assert the_one(HEAD + "tasks:\n" + tasks)[3] == "has 10001 tasks, at most 10000 are allowed"


def test_a_document_that_is_no_map_is_refused():
    assert message_of(parsed("- a").errors).startswith("Illegal flow yaml: a flow is a map")


def test_a_single_part_is_checked_with_its_own_paths():
    errors = part_violations(f"id: speak\ntype: {LOG}\n", "TASKS", FewTypes())
    assert message_of(errors) == "message: must not be null\n"
    trigger = "id: s\ntype: io.kestra.plugin.core.trigger.Schedule\ncron: nonsense\n"
    assert "invalid cron" in part_violations(trigger, "TRIGGERS", FewTypes())[0].message
    assert part_violations("[", "TASKS", FewTypes())[0].kind == "syntax"


def test_a_removed_input_type_is_kept_with_a_deprecation():
    inputs = "inputs:\n  - {id: name, type: STRING}\n  - {id: loud, type: BOOLEAN, defaults: false}\n"
    result = parsed(HEAD + inputs + TASKS)
    assert result.flow is not None
    assert [each.path for each in result.deprecations] == ["inputs[1].type"]


def test_a_flow_of_every_part_is_accepted_without_a_remark():
    result = parsed("""
id: parcels
namespace: tests.shop
description: Counts parcels and says so
labels: {owner: depot, stage: test}
inputs:
  - {id: city, type: STRING, defaults: Bremen}
  - {id: parcels, type: INT, defaults: 12}
  - {id: urgent, type: BOOL, defaults: true}
  - {id: list, type: FILE, required: false}
  - {id: options, type: JSON, required: false}
variables:
  title: "Parcels for {{ inputs.city }}"
tasks:
  - id: facts
    type: io.kestra.plugin.core.output.OutputValues
    values: {title: "{{ render(vars.title) }}", double: "{{ inputs.parcels * 2 }}"}
  - id: choose
    type: io.kestra.plugin.core.flow.If
    condition: "{{ inputs.urgent }}"
    then:
      - {id: fast, type: io.kestra.plugin.core.log.Log, message: by bicycle}
    else:
      - {id: slow, type: io.kestra.plugin.core.log.Log, level: WARN, message: "by lorry to {{ inputs.city }}"}
  - {id: label, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.facts.values.title }}"}
outputs:
  - {id: label, type: STRING, value: "{{ outputs.label.value }}"}
triggers:
  - {id: order, type: io.kestra.plugin.core.trigger.Webhook, key: key-of-all-the-parcels}
""")
    assert (result.errors, result.warnings, result.deprecations) == ((), (), ())
    assert parse_flow(HEAD + TASKS, None).errors == ()
