"""Every declaration of the engine's own types is complete: names, documentation, an example that is a valid flow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from contracts.language.flow.catalog import CORE_TYPES
from contracts.language.flow.parse import parse_flow
from contracts.language.types.declaration import (
    Declaration,
    FlowableType,
    InputType,
    TriggerEvent,
    TriggerType,
)
from contracts.language.types.index import FLOWABLES, INPUTS, TRIGGERS
from contracts.language.types.property import Properties
from toccata.plugins.host.catalog import PluginCatalog

DECLARED = [*FLOWABLES.values(), *TRIGGERS.values()]


def last_part(declared: Declaration) -> str:
    return declared.name.rpartition(".")[2]


@pytest.mark.parametrize("declared", DECLARED, ids=last_part)
def test_a_declaration_is_found_under_all_its_names(declared: Declaration) -> None:
    infos = [CORE_TYPES[name] for name in (declared.name, *declared.aliases)]
    assert {info.name for info in infos} == {declared.name}
    assert [info.deprecated_by for info in infos[1:]] == [declared.name] * len(declared.aliases)
    assert declared.description


@pytest.mark.parametrize("declared", DECLARED, ids=last_part)
def test_its_examples_are_valid_and_its_schema_complete(declared: Declaration) -> None:
    assert declared.examples
    other = "tasks: [{id: t, type: x.Y}]\ntriggers" if isinstance(declared, TriggerType) else "tasks"
    for example in declared.examples:
        lines = "\n".join(f"    {line}" for line in example.splitlines())
        parsed = parse_flow(f"id: a\nnamespace: b\n{other}:\n  -\n{lines}\n", None)
        assert [violation.message for violation in parsed.errors] == []

    schema = declared.properties.model_json_schema(by_alias=True)["properties"]
    slots = declared.slots if isinstance(declared, FlowableType) else {}
    assert frozenset({*schema, *slots}) == CORE_TYPES[declared.name].properties
    assert all(each.get("description") for name, each in schema.items() if name != "responseContentType")


@pytest.mark.parametrize("declared", INPUTS.values(), ids=last_part)
def test_the_example_of_an_input_type_is_valid_and_of_that_type(declared: InputType) -> None:
    (example,) = declared.examples
    lines = "\n".join(f"    {line}" for line in example.splitlines())

    parsed = parse_flow(f"id: a\nnamespace: b\ntasks: [{{id: t, type: x.Y}}]\ninputs:\n  -\n{lines}\n", None)

    assert [violation.message for violation in parsed.errors] == []
    assert parsed.flow is not None
    (read,) = parsed.flow.inputs
    assert (type(read), read.type) == (declared.properties, declared.name)
    assert declared.title
    assert declared.description
    assert declared.deprecated_by is None or declared.deprecated_by in INPUTS


class Inbox(Properties):
    """Starts an execution for each mail."""


async def poll(trigger: Inbox, run: Any) -> Sequence[TriggerEvent]:
    return [TriggerEvent(id="mail-1", variables={"subject": "Hello"})]


async def subscribe(trigger: Inbox, run: Any) -> AsyncIterator[TriggerEvent]:
    yield TriggerEvent(id="mail-1")


@pytest.mark.parametrize(
    ("declared", "problem"),
    [
        ({"started_by": "engine"}, None),
        ({"started_by": "poll", "poll": poll}, None),
        ({"started_by": "subscribe", "subscribe": "example.run:subscribe"}, None),
        ({"started_by": "poll"}, "started_by='poll' but has neither `poll` nor `subscribe`"),
        ({"started_by": "poll", "subscribe": subscribe}, "started_by='poll' but has subscribe"),
        ({"started_by": "engine", "poll": poll}, "started_by='engine' but has poll"),
        (
            {"started_by": "poll", "poll": poll, "subscribe": subscribe},
            "started_by='poll' but has poll and subscribe",
        ),
    ],
)
def test_a_trigger_type_says_in_which_one_way_it_starts_flows(
    declared: dict[str, Any], problem: str | None
) -> None:
    trigger = TriggerType(name="example.Inbox", title="Mail", properties=Inbox, **declared)
    assert trigger.problem() == (problem and f"trigger type example.Inbox says {problem}")


@pytest.mark.parametrize("started_by", ["poll", "subscribe"])
def test_a_flow_may_have_a_trigger_of_any_way(started_by: str) -> None:
    how: dict[str, Any] = {"started_by": started_by, started_by: "example.run:start"}
    catalog = PluginCatalog.ours()
    catalog.add(TriggerType(name="example.Inbox", title="Mail", properties=Inbox, **how))
    source = "id: a\nnamespace: b\ntasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: m}]\ntriggers: [{id: mail, type: example.Inbox}]\n"
    assert not parse_flow(source, catalog).warnings
