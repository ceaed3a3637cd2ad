"""The types of inputs over HTTP."""

from __future__ import annotations

from contracts.language.types.index import INPUTS
from services.web.http.input_type import class_of, documentation_of


def test_every_type_of_inputs_has_a_schema_and_a_class_of_its_own() -> None:
    assert len({class_of(name) for name in INPUTS}) == len(INPUTS)
    for name in INPUTS:
        found = documentation_of(name)
        assert found is not None
        assert found.examples == INPUTS[name].examples
        assert {"id", "type", "defaults"} <= set(found.properties["properties"])


def test_classes_are_those_that_clients_know() -> None:
    assert [class_of(name).rpartition(".")[2] for name in ("STRING", "DATETIME", "URI", "MULTISELECT")] == [
        "StringInput",
        "DateTimeInput",
        "URIInput",
        "MultiselectInput",
    ]


def test_an_older_name_says_what_takes_its_place() -> None:
    older = documentation_of("ENUM")
    assert older is not None
    assert older.deprecated_by == class_of("SELECT")
    assert documentation_of("NOPE") is None
