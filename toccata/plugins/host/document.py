"""JSON Schema and Markdown documentation of a type, from its declaration alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from contracts.language.types.declaration import Declaration
from toccata.plugins.host.binding import slots

_EXPRESSION = {"type": "string", "pattern": r"\{[{%]", "description": "an expression"}


def json_schema(plugin: Declaration) -> dict[str, Any]:
    """Draft 2020-12 of the type's own properties; a dynamic one also takes an expression."""
    schema: dict[str, Any] = plugin.properties.model_json_schema(by_alias=True)
    dynamic = {slot.name for slot in slots(plugin.properties) if slot.dynamic and not slot.text}
    schema["properties"] = {
        name: _with_expression(each) if name in dynamic else each
        for name, each in schema.get("properties", {}).items()
    }
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = plugin.title
    return schema


def markdown(plugin: Declaration) -> str:
    """For ``toccata plugin doc`` and the UI."""
    parts = [f"# {plugin.name}", f"{plugin.title}."]
    if plugin.description:
        parts.append(plugin.description)
    if plugin.deprecated_by:
        parts.append(f"Deprecated: use `{plugin.deprecated_by}` instead.")
    if plugin.aliases:
        parts.append("Also accepted as: " + ", ".join(f"`{alias}`" for alias in plugin.aliases))
    parts.append("## Properties")
    parts.append(_properties(plugin))
    if plugin.outputs is not None:
        parts.append("## Outputs")
        schema = plugin.outputs.model_json_schema(by_alias=True)
        parts.append(_table(schema["properties"], schema, lambda _: ""))
    parts.extend(f"## Example\n\n```yaml\n{example}\n```" for example in plugin.examples)
    return "\n\n".join(parts) + "\n"


def _properties(plugin: Declaration) -> str:
    schema = plugin.properties.model_json_schema(by_alias=True)
    known = {slot.name: slot for slot in slots(plugin.properties)}

    def marks(name: str) -> str:
        words = ["required"] if known[name].required else []
        return ", ".join([*words, "dynamic" if known[name].dynamic else "static"])

    return _table(schema.get("properties", {}), schema, marks) if known else "None."


def _table(properties: Mapping[str, Any], schema: Mapping[str, Any], marks: Any) -> str:
    rows = ["| name | type | default | | meaning |", "|---|---|---|---|---|"]
    for name, each in properties.items():
        default = each.get("default")
        shown = "" if default is None else f"`{orjson.dumps(default).decode()}`"
        meaning = " ".join(str(each.get("description", "")).split())
        rows.append(f"| `{name}` | {_type(each, schema)} | {shown} | {marks(name)} | {meaning} |")
    return "\n".join(rows)


def _type(each: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if "$ref" in each:
        return _type(schema["$defs"][each["$ref"].rsplit("/", 1)[-1]], schema)
    if "anyOf" in each:
        names = [_type(one, schema) for one in each["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(names))
    if "enum" in each:
        return ", ".join(f"`{word}`" for word in each["enum"])
    if each.get("type") == "array":
        return f"list of {_type(each.get('items', {}), schema)}"
    return str(each.get("format") or each.get("type") or each.get("const") or "any")


def _with_expression(each: dict[str, Any]) -> dict[str, Any]:
    keep: dict[str, Any] = {
        key: each[key] for key in ("description", "default", "title", "$dynamic") if key in each
    }
    rest = {key: value for key, value in each.items() if key not in keep}
    members = rest.pop("anyOf", None) or [rest]
    return {**keep, "anyOf": [*members, _EXPRESSION]}
