"""What may stand at a place of a flow: its keys with their schemas, the types that it may have, the values of a key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from contracts.language.types.index import INPUTS
from toccata.editor.language import Language, Schema
from toccata.editor.outline import Node

Kind = Literal["flow", "task", "trigger", "input", "runner", "cases", "dag", "dag item", "plain"]
TASK_LISTS = ("tasks", "errors", "finally", "afterExecution")


@dataclass(frozen=True, slots=True)
class Shape:
    """``is_list``: a list of such things."""

    kind: Kind
    schema: Schema = field(default_factory=dict)
    definitions: Schema = field(default_factory=dict)
    """What ``$ref`` in the schema points to."""
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    name: str
    schema: Schema
    required: bool
    """Without it, the map is refused."""


NOTHING = Shape("plain")
FLOW = Shape("flow")


def shape_at(language: Language, node: Node) -> Shape:
    """Return the shape of the map or the list that this node holds."""
    shape, holder = FLOW, None
    for each in node.path():
        if each.kind == "item":
            shape = _one(shape)
        else:
            holder = each.parent
            shape = _below(language, shape, holder, each.key) if holder is not None else NOTHING
    return shape


def keys_of(language: Language, shape: Shape, node: Node) -> list[Key]:
    """Return the keys that the map may have, required ones first."""
    if shape.is_list:
        return []
    found = {key.name: key for schema in _schemas(language, shape, node) for key in _keys(*schema)}
    if shape.kind == "task":
        found |= {
            name: Key(name, {"description": "tasks"}, slot.required)
            for name, slot in language.slots(node.text("type")).items()
        }
    return sorted(found.values(), key=lambda key: (not key.required, key.name != "id", key.name != "type"))


def _schemas(language: Language, shape: Shape, node: Node) -> Iterator[tuple[Schema, Schema]]:
    type_name = node.text("type")
    match shape.kind:
        case "flow":
            lists: Schema = {name: {"type": "array"} for name in (*TASK_LISTS, "triggers", "inputs")}
            yield {"properties": lists, "required": ["tasks"]}, {}
            yield language.flow, language.flow.get("$defs", {})
        case "task" | "trigger":
            common = language.common(shape.kind)
            yield common, common.get("$defs", {})
            yield from _of_type(language, type_name)
        case "runner":
            yield {"properties": {"type": {"type": "string"}}, "required": ["type"]}, {}
            yield from _of_type(language, type_name)
        case "input":
            declared = INPUTS.get(type_name) or INPUTS["STRING"]
            schema = declared.properties.model_json_schema(by_alias=True)
            yield schema, schema.get("$defs", {})
        case "dag item":
            yield {"properties": {"task": {}, "dependsOn": {"type": "array"}}, "required": ["task"]}, {}
        case "plain":
            for part in _parts(shape.schema, shape.definitions, node):
                yield part, shape.definitions
        case _:
            return


def _of_type(language: Language, type_name: str) -> Iterator[tuple[Schema, Schema]]:
    document = language.document(type_name)
    if document is not None:
        yield document.properties, document.properties.get("$defs", {})


def _keys(schema: Schema, definitions: Schema) -> Iterator[Key]:
    required = schema.get("required", ())
    for name, each in schema.get("properties", {}).items():
        yield Key(name, {**each, "$defs": definitions}, name in required)


def _parts(schema: Schema, definitions: Schema, node: Node | None) -> Iterator[Schema]:
    """Yield the members of a union that a map may be, and that its ``type`` allows."""
    if "$ref" in schema:
        found = definitions.get(str(schema["$ref"]).rpartition("/")[2], {})
        yield from _parts(found, definitions, node)
    elif "anyOf" in schema or "oneOf" in schema:
        members = schema.get("anyOf") or schema.get("oneOf") or ()
        parts = [part for each in members for part in _parts(each, definitions, node)]
        written = node.text("type") if node is not None else ""
        fitting = [each for each in parts if written and _type_of(each) == written]
        yield from fitting or parts
    else:
        yield schema


def _type_of(schema: Schema) -> str:
    return str(schema.get("properties", {}).get("type", {}).get("const", ""))


def _one(shape: Shape) -> Shape:
    """Return the shape of an item of the list."""
    if shape.kind == "dag":
        return Shape("dag item")
    if shape.kind == "plain":
        for part in _parts(shape.schema, shape.definitions, None):
            if "items" in part:
                return Shape("plain", part["items"], shape.definitions)
        return NOTHING
    return Shape(shape.kind)


def _below(language: Language, shape: Shape, holder: Node, key: str) -> Shape:
    """Return the shape of the value behind a key."""
    if shape.is_list:
        return NOTHING
    special = _special(language, shape, holder, key)
    if special is not None:
        return special
    for schema, definitions in _schemas(language, shape, holder):
        found = schema.get("properties", {}).get(key)
        if found is not None:
            return Shape("plain", found, definitions)
        if isinstance(schema.get("additionalProperties"), Mapping):
            return Shape("plain", schema["additionalProperties"], definitions)
    return NOTHING


def _special(language: Language, shape: Shape, holder: Node, key: str) -> Shape | None:
    match shape.kind, key:
        case "flow", "tasks" | "errors" | "finally" | "afterExecution":
            return Shape("task", is_list=True)
        case "flow", "triggers":
            return Shape("trigger", is_list=True)
        case "flow", "inputs":
            return Shape("input", is_list=True)
        case "task", "taskRunner":
            return Shape("runner")
        case "task", _:
            slot = language.slots(holder.text("type")).get(key)
            return _SLOTS[slot.shape] if slot is not None else None
        case "cases", _:
            return Shape("task", is_list=True)
        case "dag item", "task":
            return Shape("task")
        case _:
            return None


_SLOTS: Mapping[str, Shape] = {
    "list": Shape("task", is_list=True),
    "cases": Shape("cases"),
    "dag": Shape("dag", is_list=True),
    "one": Shape("task"),
    "inputs": Shape("input", is_list=True),
}


def words_of(schema: Schema) -> list[str]:
    """Return the values that a key may have, if they can be listed: words of an enumeration, true and false."""
    return list(dict.fromkeys(_words(schema, schema.get("$defs", {}), 0)))


def _words(schema: Any, definitions: Schema, depth: int) -> Iterator[str]:
    if not isinstance(schema, dict) or depth > 8:
        return
    if "$ref" in schema:
        yield from _words(definitions.get(str(schema["$ref"]).rpartition("/")[2]), definitions, depth + 1)
    yield from (str(word) for word in schema.get("enum", ()) if word is not None)
    if "const" in schema:
        yield str(schema["const"])
    if schema.get("type") == "boolean":
        yield from ("true", "false")
    for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _words(each, definitions, depth + 1)


def type_words(schema: Schema) -> str:
    """Return the type of a value in words, for people."""
    names = [
        str(each.get("format") or each.get("type") or "")
        for each in (*schema.get("anyOf", ()), schema)
        if each.get("type") != "null"
    ]
    return " or ".join(dict.fromkeys(filter(None, names)))
