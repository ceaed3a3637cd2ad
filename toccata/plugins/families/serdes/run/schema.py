"""Avro schemas: read, and found from rows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from toccata.plugins.families.serdes.run.report import Bad

Schema = Any
"""A parsed Avro schema: a name, a map, or a list, which is a union."""
_MOST_DIGITS = 38


def given_schema(text: str) -> Schema:
    """Raises Bad."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise Bad(f"schema: this is not JSON: {error}") from None
    if not isinstance(found, dict) or found.get("type") != "record":
        raise Bad("schema: it must be a record, because each row is a map")
    return found


def schema_of(rows: Iterable[Any]) -> Schema:
    """Every field may be null: a row that was not looked at may have none. Raises Bad."""
    fields: dict[str, list[Schema]] = {}
    count = 0
    for count, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise Bad(f"from: row {count} is a {type(row).__name__}: each row must be a map")
        for name, value in row.items():
            found = _of(value, name)
            fields[name] = _merged(fields.get(name, []), [] if found is None else [found])
    if not fields:
        raise Bad("from: there is no row that says what the types are: give a schema")
    return _whole(_record("Row", fields))


def _whole(schema: Schema) -> Schema:
    """Where no value was seen that is not null, a text may come."""
    if isinstance(schema, list):
        return ["null", "string"] if schema == ["null"] else [_whole(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = dict(schema)
    if "items" in found:
        found["items"] = _whole(found["items"])
    if "fields" in found:
        found["fields"] = [{**each, "type": _whole(each["type"])} for each in found["fields"]]
    return found


def _record(name: str, fields: dict[str, list[Schema]]) -> Schema:
    return {
        "type": "record",
        "name": name,
        "fields": [
            {"name": each, "type": ["null", *kinds], "default": None} for each, kinds in fields.items()
        ],
    }


def _of(value: Any, name: str) -> Schema:
    match value:
        case None:
            return None
        case bool():
            return "boolean"
        case int():
            return "long" if -(2**63) <= value < 2**63 else _decimal(len(str(abs(value))), 0)
        case float():
            return "double"
        case Decimal():
            return _decimal_of(value)
        case str():
            return "string"
        case bytes():
            return "bytes"
        case datetime():
            kind = "local-timestamp-micros" if value.tzinfo is None else "timestamp-micros"
            return {"type": "long", "logicalType": kind}
        case date():
            return {"type": "int", "logicalType": "date"}
        case time():
            return {"type": "long", "logicalType": "time-micros"}
        case list():
            kinds: list[Schema] = []
            for each in value:
                found = _of(each, name)
                kinds = _merged(kinds, [] if found is None else [found])
            return {"type": "array", "items": ["null", *kinds]}
        case _:
            kept = {
                key: [] if (found := _of(each, f"{name}_{key}")) is None else [found]
                for key, each in value.items()
            }
            return _record(f"{name}_record", kept)


def _decimal_of(value: Decimal) -> Schema:
    if not value.is_finite():
        return "double"
    digits, exponent = value.as_tuple().digits, value.as_tuple().exponent
    assert isinstance(exponent, int)
    scale = max(-exponent, 0)
    return _decimal(max(len(digits) + max(exponent, 0), scale), scale)


def _decimal(precision: int, scale: int) -> Schema:
    return {
        "type": "bytes",
        "logicalType": "decimal",
        "precision": min(max(precision, 1), _MOST_DIGITS),
        "scale": scale,
    }


def _merged(kinds: list[Schema], more: list[Schema]) -> list[Schema]:
    """One of each kind. Whole numbers are part of the others."""
    for kind in more:
        same = next((index for index, each in enumerate(kinds) if _kind(each) == _kind(kind)), None)
        if same is None:
            kinds = [*kinds, kind]
        else:
            kinds = [*kinds[:same], _both(kinds[same], kind), *kinds[same + 1 :]]
    if "double" in kinds:
        return [each for each in kinds if each != "long" and _kind(each) != "decimal"]
    if any(_kind(each) == "decimal" for each in kinds) and "long" in kinds:
        whole = _decimal(19, 0)
        return [_both(each, whole) if _kind(each) == "decimal" else each for each in kinds if each != "long"]
    return kinds


def _kind(schema: Schema) -> str:
    if isinstance(schema, dict):
        return str(schema.get("logicalType") or schema["type"])
    return str(schema)


def _both(one: Schema, other: Schema) -> Schema:
    match _kind(one):
        case "decimal":
            scale = max(one["scale"], other["scale"])
            whole = max(one["precision"] - one["scale"], other["precision"] - other["scale"])
            return _decimal(whole + scale, scale)
        case "array":
            return {"type": "array", "items": ["null", *_merged(one["items"][1:], other["items"][1:])]}
        case "record":
            fields = {each["name"]: each["type"][1:] for each in one["fields"]}
            for each in other["fields"]:
                fields[each["name"]] = _merged(fields.get(each["name"], []), each["type"][1:])
            return _record(one["name"], fields)
        case _:
            return one
