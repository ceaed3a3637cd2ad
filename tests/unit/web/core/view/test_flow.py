from services.web.core.rows import FlowRow
from services.web.core.view.flow import (
    flow_for_execution,
    flow_page,
    fragments,
    matches,
)

SOURCE = """id: hello
namespace: company
description: Says hello
labels:
  team: data
inputs:
  - id: count
    type: INT
    defaults: 3
  - id: maybe
    type: STRING
    required: false
variables:
  greeting: hi
tasks:
  - id: branch
    type: io.kestra.plugin.core.flow.If
    condition: "{{ inputs.count > 1 }}"
    then:
      - id: inner
        type: io.kestra.plugin.core.log.Log
        message: secret text
triggers:
  - id: hook
    type: io.kestra.plugin.core.trigger.Webhook
    key: k
"""


def row(source=SOURCE):
    return FlowRow("company", "hello", 2, source, {"team": "data"}, False, "Says hello", False, 1000, 2000)


def test_a_flow_reads_as_clients_know_it():
    page = flow_page(row())
    assert (page["id"], page["revision"], page["disabled"], page["deleted"]) == ("hello", 2, False, False)
    assert page["labels"] == [{"key": "team", "value": "data"}]
    assert page["inputs"] == [
        {"id": "count", "type": "INT", "required": True, "defaults": "3"},
        {"id": "maybe", "type": "STRING", "required": False},
    ]
    assert page["updated"] == "1970-01-01T00:00:02.000Z"
    assert "source" not in page
    assert "tenantId" not in page


def test_the_source_comes_when_asked_for():
    assert flow_page(row(), source=True)["source"] == SOURCE


def test_a_source_that_no_longer_parses_is_shown_with_the_reason():
    page = flow_page(row("id: [\n"), source=True)
    assert page["exception"].startswith("Illegal flow yaml")
    assert page["tasks"] == []


def test_the_form_of_a_flow_has_no_task_bodies():
    form = flow_for_execution("company", "hello", 2, SOURCE)
    assert form["tasks"] == [
        {
            "id": "branch",
            "type": "io.kestra.plugin.core.flow.If",
            "tasks": [{"id": "inner", "type": "io.kestra.plugin.core.log.Log"}],
        }
    ]
    assert form["triggers"] == [{"id": "hook", "type": "io.kestra.plugin.core.trigger.Webhook"}]


def test_hits_are_marked():
    assert fragments(SOURCE, "SECRET") == [
        "        type: io.kestra.plugin.core.log.Log\n        message: [mark]secret[/mark] text\ntriggers:"
    ]
    assert matches(SOURCE, "secret") == [{"line": 22, "column": 18, "text": "        message: secret text"}]
