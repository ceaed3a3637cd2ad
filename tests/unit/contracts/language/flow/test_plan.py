from __future__ import annotations

from datetime import timedelta

from contracts.language.flow.needs import paths_needed
from contracts.language.flow.parse import parse_flow
from contracts.language.flow.plan import compile_plan
from contracts.language.types.flowable.each import Each
from contracts.language.types.flowable.parallel import PARALLEL, Parallel

TEXT = """
id: a
namespace: n
retry: {type: constant, interval: PT1S, maxAttempts: 1}
variables:
  file: "{{ inputs.name }}-{{ render(vars.suffix) }}"
  suffix: "{{ trigger.date }}"
  plain: text
tasks:
  - id: branches
    type: io.kestra.plugin.core.flow.Parallel
    concurrent: 2
    onChildFailure: cancel
    retry: {type: constant, interval: PT1S, maxAttempts: 2}
    tasks:
      - {id: own, type: x.Y, retry: {type: constant, interval: PT1S, maxAttempts: 3}}
      - {id: inherited, type: x.Y, text: "{{ render(vars.file) }}", runIf: "{{ outputs.own.value }}"}
      - {id: off, type: x.Y, disabled: true}
    errors:
      - {id: e, type: x.Y}
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [1, "{{ inputs.x }}"]
    tasks:
      - {id: from_flow, type: x.Y, timeout: PT5S, text: plain}
  - id: gone
    type: io.kestra.plugin.core.flow.Sequential
    disabled: true
    tasks: [{id: below, type: x.Y}]
  - id: choice
    type: io.kestra.plugin.core.flow.If
    condition: true
    then: [{id: yes_task, type: x.Y}]
finally:
  - {id: f, type: x.Y}
"""


def plan():
    flow = parse_flow(TEXT, None).flow
    assert flow is not None
    return compile_plan(flow)


def test_enabled_tasks_stand_in_their_lists_and_know_their_parent():
    compiled = plan()
    assert [node.id for node in compiled.tasks] == ["branches", "each", "choice"]
    assert [node.id for node in compiled.finally_] == ["f"]
    branches = compiled.nodes["branches"]
    assert branches.flowable is PARALLEL
    assert branches.lists["tasks"][0].flowable is None
    assert [node.id for node in branches.lists["tasks"]] == ["own", "inherited"]
    assert compiled.nodes["e"].parent is branches
    assert {"off", "gone", "below"}.isdisjoint(compiled.nodes)
    assert [node.id for node in compiled.nodes["choice"].lists["then"]] == ["yes_task"]


def test_the_nearest_retry_counts_and_flowables_have_none():
    nodes = plan().nodes
    attempts = {name: node.retry.max_attempts if node.retry else None for name, node in nodes.items()}
    assert attempts["own"] == 3
    assert attempts["inherited"] == attempts["e"] == 2
    assert attempts["from_flow"] == attempts["f"] == 1
    assert attempts["branches"] is None


def test_what_a_flowable_needs_is_compiled():
    nodes = plan().nodes
    assert nodes["branches"].compiled == Parallel(concurrent=2, on_child_failure="CANCEL")
    assert nodes["each"].compiled == Each([1, "{{ inputs.x }}"], limit=1)
    assert nodes["choice"].compiled.source == "true"
    assert nodes["from_flow"].compiled is None
    assert nodes["from_flow"].timeout == timedelta(seconds=5)
    assert nodes["inherited"].run_if is not None


def test_needs_follow_variables_into_their_texts():
    nodes = plan().nodes
    needs = nodes["inherited"].needs
    assert needs is not None
    assert {
        ("vars", "file"),
        ("vars", "suffix"),
        ("inputs", "name"),
        ("trigger", "date"),
        ("outputs", "own", "value"),
    } <= needs
    assert ("vars", "plain") not in needs
    assert nodes["from_flow"].needs == frozenset()


def test_needs_are_everything_where_it_cannot_be_known():
    assert paths_needed(["{{ printContext() }}"], {}) is None
    assert paths_needed(["{{ fetchContext() | keys }}"], {}) is None
    assert paths_needed(["{{ render(vars.x ~ inputs.text) }}"], {"x": "a"}) is None
    assert paths_needed(["{{ renderOnce(toRender=vars.x ~ 'a') }}"], {"x": "a"}) is None
    assert paths_needed(["{{ render(inputs.text) }}"], {}) is None
    assert paths_needed(["{{ vars.x }}"], {"x": "{{ render(outputs.a.text) }}"}) is None


def test_whoever_names_the_execution_of_a_trigger_gets_what_it_was():
    told = frozenset(("trigger", name) for name in ("executionId", "namespace", "flowId", "state"))
    assert paths_needed(["{{ trigger.executionId }}"], {}) == told


def test_variables_that_refer_to_each_other_are_followed_once():
    circle = {"a": "{{ render(vars.b) }}", "b": "{{ render(vars.a) }}"}
    assert paths_needed(["{{ vars.a }}"], circle) == frozenset({("vars", "a"), ("vars", "b")})
    assert paths_needed(["{{ render(vars[inputs.which]) }}"], {"x": "{{ outputs.o.v }}"}) == frozenset(
        {("vars",), ("inputs", "which"), ("outputs", "o", "v")}
    )
