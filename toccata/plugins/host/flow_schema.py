"""JSON Schemas of a flow, a task and a trigger, with all types of the catalog. Editors complete and check texts with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from contracts.language.flow.model import FlowHeader, TaskCommon, TriggerCommon
from contracts.language.types.index import INPUTS
from toccata.plugins.host.catalog import PluginCatalog
from toccata.plugins.host.entry import Entry

Schema: TypeAlias = dict[str, Any]
Kind: TypeAlias = Literal["flow", "task", "trigger"]
DRAFT = "http://json-schema.org/draft-07/schema#"
FLOW, TASK, TRIGGER, INPUT = (
    "io.kestra.core.models.flows.Flow",
    "io.kestra.core.models.tasks.Task",
    "io.kestra.core.models.triggers.AbstractTrigger",
    "io.kestra.core.models.flows.Input",
)
_HEADS: Mapping[str, str] = {"flow": FLOW, "task": TASK, "trigger": TRIGGER}
_TASK_KINDS = frozenset({"runnable", "flowable", "executable", "updating"})
_LISTS = ("tasks", "errors", "finally", "afterExecution")
_EXPRESSION: Schema = {"type": "string"}


def schema_of(kind: Kind, catalog: PluginCatalog) -> Schema:
    """Return the schema. Every type of the catalog is a definition, with its title, description, examples and ``$dynamic``."""
    definitions: Schema = {}
    entries = list(catalog)
    tasks = [_define(definitions, each, catalog, TaskCommon) for each in entries if each.kind in _TASK_KINDS]
    triggers = [
        _define(definitions, each, catalog, TriggerCommon) for each in entries if each.kind == "trigger"
    ]
    definitions[TASK] = {"anyOf": [_ref(name) for name in tasks if name]}
    definitions[TRIGGER] = {"anyOf": [_ref(name) for name in triggers if name]}
    definitions[INPUT] = {"anyOf": [_input(definitions, name) for name in INPUTS]}
    definitions[FLOW] = _flow(definitions)
    return {"$schema": DRAFT, "$ref": f"#/definitions/{_HEADS[kind]}", "definitions": definitions}


def properties_of(kind: Kind, catalog: PluginCatalog) -> Schema:
    """Return the schema of the keys of a flow, or of those that all tasks or triggers have."""
    definitions: Schema = {}
    if kind == "flow":
        return {
            "$schema": DRAFT,
            **_flow(definitions),
            "definitions": schema_of("flow", catalog)["definitions"],
        }
    model = TaskCommon if kind == "task" else TriggerCommon
    return {
        "$schema": DRAFT,
        "definitions": definitions,
        **_plain(model.model_json_schema(by_alias=True), definitions, kind),
    }


def _flow(definitions: Schema) -> Schema:
    found = _plain(FlowHeader.model_json_schema(by_alias=True), definitions, FLOW)
    properties = found["properties"]
    properties |= {name: {"type": "array", "items": _ref(TASK)} for name in _LISTS}
    properties["triggers"] = {"type": "array", "items": _ref(TRIGGER)}
    properties["inputs"] = {"type": "array", "items": _ref(INPUT)}
    properties["labels"] = {"anyOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}]}
    return {**found, "title": "Flow", "required": ["id", "namespace", "tasks"], "additionalProperties": False}


def _define(definitions: Schema, entry: Entry, catalog: PluginCatalog, common: Any) -> str:
    """Add the definition of a type, and return its name. Empty if its documentation cannot be read."""
    found = catalog.documentation(entry.name)
    if found is None:
        return ""
    own = _plain(found.properties, definitions, entry.name)
    shared = _plain(common.model_json_schema(by_alias=True), definitions, common.__name__)
    names = [entry.name, *entry.aliases]
    properties = {**shared["properties"], **own.get("properties", {})}
    properties["type"] = {"const": entry.name} if len(names) == 1 else {"enum": names}
    if common is TaskCommon:
        properties["when"] = {**_EXPRESSION, "$dynamic": True, "title": "the new name of `runIf`"}
    definitions[entry.name] = {
        "type": "object",
        "title": entry.title,
        "description": found.description,
        "examples": list(found.examples),
        "properties": properties,
        "required": ["id", "type", *own.get("required", ())],
        "additionalProperties": False,
        **({"$deprecated": True} if entry.deprecated_by else {}),
    }
    return entry.name


def _input(definitions: Schema, name: str) -> Schema:
    declared = INPUTS[name]
    found = _plain(declared.properties.model_json_schema(by_alias=True), definitions, name)
    found["properties"]["type"] = {"const": name}
    definitions[f"{INPUT}.{name}"] = {
        **found,
        "title": declared.title,
        "description": declared.description,
        "examples": list(declared.examples),
        **({"$deprecated": True} if declared.deprecated_by else {}),
    }
    return _ref(f"{INPUT}.{name}")


def _plain(schema: Mapping[str, Any], definitions: Schema, owner: str) -> Schema:
    """Return the schema without ``$defs``, which become definitions under the name of their owner."""
    parts = schema.get("$defs", {})
    for name, part in parts.items():
        definitions[f"{owner}-{name}"] = _renamed(part, owner)
    kept = {key: each for key, each in schema.items() if key not in {"$defs", "$schema"}}
    return dict(_renamed(kept, owner))


def _renamed(value: Any, owner: str) -> Any:
    if isinstance(value, dict):
        return {
            key: f"#/definitions/{owner}-{each.rpartition('/')[2]}"
            if key == "$ref"
            else _renamed(each, owner)
            for key, each in value.items()
        }
    return [_renamed(each, owner) for each in value] if isinstance(value, list) else value


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}
