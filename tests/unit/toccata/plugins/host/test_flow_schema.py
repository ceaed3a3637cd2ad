"""JSON Schemas for editors, made of the catalog."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from toccata.plugins.host.catalog import PluginCatalog
from toccata.plugins.host.flow_schema import properties_of, schema_of

CATALOG = PluginCatalog.ours()
GOOD = """
id: a
namespace: n
labels: {team: data}
inputs:
  - {id: x, type: INT, min: 1}
tasks:
  - {id: t, type: io.kestra.plugin.core.log.Log, message: "{{ inputs.x }}", timeout: PT1M}
  - id: s
    type: io.kestra.plugin.core.flow.Sequential
    tasks: [{id: u, type: io.kestra.plugin.core.debug.Return, format: hi}]
triggers:
  - {id: w, type: io.kestra.plugin.core.trigger.Webhook, key: 4wjtkzwVGBM9yKnjm3yv8r}
"""


@pytest.fixture(scope="module")
def flow_schema() -> dict[str, Any]:
    return schema_of("flow", CATALOG)


def _problems(schema: dict[str, Any], text: str) -> list[str]:
    return [error.message for error in Draft7Validator(schema).iter_errors(yaml.safe_load(text))]


def test_a_good_flow_is_valid(flow_schema: dict[str, Any]) -> None:
    Draft7Validator.check_schema(flow_schema)
    assert _problems(flow_schema, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("namespace: n\n", ""),
        ("type: io.kestra.plugin.core.log.Log,", "type: io.kestra.nope.Log,"),
        ("message:", "mesage:"),
        ("type: INT", "type: INTEGER"),
        ("labels:", "lables:"),
        (", key: 4wjtkzwVGBM9yKnjm3yv8r", ""),
    ],
)
def test_a_wrong_flow_is_not(flow_schema: dict[str, Any], old: str, new: str) -> None:
    assert old in GOOD
    assert _problems(flow_schema, GOOD.replace(old, new)) != []


def test_every_type_has_its_words_and_says_what_is_dynamic(flow_schema: dict[str, Any]) -> None:
    definitions = flow_schema["definitions"]
    for entry in CATALOG:
        if entry.kind != "runner":
            assert definitions[entry.name]["title"] == entry.title
    log = definitions["io.kestra.plugin.core.log.Log"]
    assert log["properties"]["message"]["$dynamic"] is True
    assert log["required"] == ["id", "type", "message"]


def test_a_task_and_a_trigger_have_schemas_too() -> None:
    task = "{id: t, type: io.kestra.plugin.core.log.Log, message: hi}"
    assert _problems(schema_of("task", CATALOG), task) == []
    assert _problems(schema_of("trigger", CATALOG), task) != []
    assert "timeout" in properties_of("task", CATALOG)["properties"]
    assert "stopAfter" in properties_of("trigger", CATALOG)["properties"]
    assert "tasks" in properties_of("flow", CATALOG)["properties"]
