"""The documentation of a type: schema, texts, Markdown. It is made from the declaration and then stands alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
import orjson

from contracts.language.flow.binding import slots
from contracts.language.types.declaration import FlowableType, Slot
from toccata.plugin import Declaration

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_EXPRESSION = {"type": "string", "pattern": r"\{[{%]", "description": "an expression"}
_TASK = {"type": "object", "required": ["id", "type"]}
_TASKS = {"type": "array", "items": _TASK}
_INPUTS = {"type": "array", "items": _TASK}
"""An input has an ``id`` and a ``type``, too."""


class Documentation(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    title: str
    description: str
    aliases: tuple[str, ...]
    deprecated_by: str | None
    examples: tuple[str, ...]
    properties: dict[str, Any]
    """JSON Schema, draft 2020-12, of the type's own properties. A dynamic property also takes an expression."""
    outputs: dict[str, Any] | None
    """JSON Schema."""


def documentation_of(declared: Declaration) -> Documentation:
    outputs = declared.outputs
    return Documentation(
        name=declared.name,
        title=declared.title,
        description=declared.description,
        aliases=declared.aliases,
        deprecated_by=declared.deprecated_by,
        examples=declared.examples,
        properties=json_schema(declared),
        outputs={"$schema": DIALECT} | outputs.model_json_schema(by_alias=True) if outputs else None,
    )


def json_schema(declared: Declaration) -> dict[str, Any]:
    schema: dict[str, Any] = declared.properties.model_json_schema(by_alias=True)
    dynamic = {slot.name for slot in slots(declared.properties) if slot.dynamic and not slot.text}
    properties = {
        name: _with_expression(each) if name in dynamic else each
        for name, each in schema.get("properties", {}).items()
    }
    if isinstance(declared, FlowableType):
        properties |= {name: _of_slot(slot) for name, slot in declared.slots.items()}
        required = [name for name, slot in declared.slots.items() if slot.required]
        schema["required"] = [*schema.get("required", ()), *required]
    return {**schema, "properties": properties, "$schema": DIALECT, "title": declared.title}


def _of_slot(slot: Slot) -> dict[str, Any]:
    match slot.shape:
        case "list":
            shape: dict[str, Any] = _TASKS
        case "one":
            shape = _TASK
        case "inputs":
            return {**_INPUTS, "$dynamic": False, "description": "inputs"}
        case "cases":
            shape = {"type": "object", "additionalProperties": _TASKS}
        case "dag":
            names = {"type": "array", "items": {"type": "string"}}
            item = {"type": "object", "required": ["task"], "properties": {"task": _TASK, "dependsOn": names}}
            shape = {"type": "array", "items": item}
    return {**shape, "$dynamic": False, "description": "tasks"}


def markdown(document: Documentation) -> str:
    """For ``toccata plugin doc`` and the UI."""
    parts = [f"# {document.name}", f"{document.title}."]
    if document.description:
        parts.append(document.description)
    if document.deprecated_by:
        parts.append(f"Deprecated: use `{document.deprecated_by}` instead.")
    if document.aliases:
        parts.append("Also accepted as: " + ", ".join(f"`{alias}`" for alias in document.aliases))
    parts += ["## Properties", _properties(document.properties)]
    parts.extend(_objects(document.properties))
    if document.outputs is not None:
        parts += ["## Outputs", _table(document.outputs, lambda _: ""), *_objects(document.outputs)]
    parts.extend(f"## Example\n\n```yaml\n{example}\n```" for example in document.examples)
    return "\n\n".join(parts) + "\n"


def _objects(schema: Mapping[str, Any]) -> Iterator[str]:
    """A table for each kind of object that the properties hold."""
    for name, each in schema.get("$defs", {}).items():
        if not each.get("properties"):
            continue
        table = _table({**each, "$defs": schema["$defs"]}, _required(each))
        text = " ".join(str(each.get("description", "")).split())
        yield "\n\n".join(filter(None, (f"### {name}", text, table)))


def _required(schema: Mapping[str, Any]) -> Callable[[str], str]:
    return lambda name: "required" if name in schema.get("required", ()) else ""


def _properties(schema: Mapping[str, Any]) -> str:
    known, required = schema.get("properties", {}), schema.get("required", ())

    def marks(name: str) -> str:
        words = ["required"] if name in required else []
        return ", ".join([*words, "dynamic" if known[name].get("$dynamic") else "static"])

    return _table(schema, marks) if known else "None."


def _table(schema: Mapping[str, Any], marks: Callable[[str], str]) -> str:
    rows = ["| name | type | default | | meaning |", "|---|---|---|---|---|"]
    for name, each in schema.get("properties", {}).items():
        default = each.get("default")
        shown = "" if default is None else f"`{orjson.dumps(default).decode()}`"
        meaning = " ".join(str(each.get("description", "")).split())
        rows.append(f"| `{name}` | {_type(each, schema)} | {shown} | {marks(name)} | {meaning} |")
    return "\n".join(rows)


def _type(each: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if "$ref" in each:
        name = each["$ref"].rsplit("/", 1)[-1]
        found = schema["$defs"][name]
        return f"`{name}`" if found.get("properties") else _type(found, schema)
    if "anyOf" in each:
        names = [
            _type(one, schema) for one in each["anyOf"] if one.get("type") != "null" and one != _EXPRESSION
        ]
        return " or ".join(dict.fromkeys(names))
    if "oneOf" in each:
        return " or ".join(_type(one, schema) for one in each["oneOf"])
    if "enum" in each:
        return ", ".join(f"`{word}`" for word in each["enum"])
    if each.get("type") == "array":
        return f"list of {_type(each.get('items', {}), schema)}"
    if isinstance(each.get("additionalProperties"), dict):
        return f"map of {_type(each['additionalProperties'], schema)}"
    return str(each.get("format") or each.get("type") or each.get("const") or "any")


def _with_expression(each: dict[str, Any]) -> dict[str, Any]:
    keep: dict[str, Any] = {
        key: each[key] for key in ("description", "default", "title", "$dynamic") if key in each
    }
    rest = {key: value for key, value in each.items() if key not in keep}
    members = rest.pop("anyOf", None) or [rest]
    return {**keep, "anyOf": [*members, _EXPRESSION]}
