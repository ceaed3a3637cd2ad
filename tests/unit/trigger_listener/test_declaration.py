"""The declarations of the triggers and the rules by which flows are validated say the same."""

from __future__ import annotations

import pytest

from contracts.language.flow.catalog import CORE_TYPES
from contracts.language.flow.parse import parse_flow
from contracts.language.flow.schema import keys_of
from contracts.language.flow.trigger import TRIGGER_MODELS
from toccata.plugin import TriggerType
from toccata.plugins.families.core.trigger import PLUGINS
from toccata.plugins.host.catalog import PluginCatalog


@pytest.mark.parametrize("declared", PLUGINS, ids=lambda each: each.name.rpartition(".")[2])
def test_a_declaration_has_the_properties_of_the_rules(declared: TriggerType) -> None:
    names = {field.alias or name for name, field in declared.properties.model_fields.items()}

    assert names == set(keys_of(TRIGGER_MODELS[declared.name]))
    assert all(CORE_TYPES[name].name == declared.name for name in (declared.name, *declared.aliases))


@pytest.mark.parametrize("declared", PLUGINS, ids=lambda each: each.name.rpartition(".")[2])
def test_its_example_is_valid_and_its_schema_complete(declared: TriggerType) -> None:
    (example,) = declared.examples
    lines = "\n".join(f"    {line}" for line in example.splitlines())
    source = f"id: a\nnamespace: b\ntasks: [{{id: t, type: x.Y}}]\ntriggers:\n  -\n{lines}\n"

    parsed = parse_flow(source, None)

    assert [violation.message for violation in parsed.errors] == []
    assert declared.properties.model_json_schema(by_alias=True)["properties"]
    assert PluginCatalog(PLUGINS).resolve(declared.name) is not None
