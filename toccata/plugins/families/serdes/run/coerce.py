"""Gives the values of rows the types of an Avro schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from itertools import chain, islice
from pathlib import Path
from typing import Any

from toccata.plugins.families.serdes.run.pattern import read, zone_of
from toccata.plugins.families.serdes.run.report import Report
from toccata.plugins.families.serdes.run.schema import Schema, given_schema, schema_of
from toccata.rows.read import read_rows


class Unfit(Exception):
    """A value is not of its type. The message says why."""


def typed_rows(
    source: Path, options: Mapping[str, Any], report: Report
) -> tuple[Schema, Iterator[dict[str, Any]]]:
    """The schema, and the rows with its types. Raises Bad."""
    rows = read_rows(source)
    if options["schema_"]:
        schema = given_schema(options["schema_"])
    else:
        first = list(islice(rows, options["number_of_rows_to_scan"]))
        schema = schema_of(first)
        rows = chain(first, rows)
    return schema, _typed(rows, _Types(schema, options), report)


def _typed(rows: Iterator[Any], types: _Types, report: Report) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(rows, 1):
        try:
            yield types.row(row)
        except Unfit as unfit:
            report.bad(f"row {number}: {unfit}")


class _Types:
    def __init__(self, schema: Schema, options: Mapping[str, Any]) -> None:
        self._schema = schema
        self._options = options
        self._true = {each.lower() for each in options["true_values"]}
        self._false = {each.lower() for each in options["false_values"]}
        self._null = set(options["null_values"])
        self._everywhere = options["infer_all_fields"]
        self._zone = zone_of(options["time_zone_id"])
        self._named: dict[str, Schema] = {}

    def row(self, row: Any) -> dict[str, Any]:
        if not isinstance(row, dict):
            raise Unfit(f"it is a {type(row).__name__}, and must be a map")
        return self._record(row, self._schema)

    def _record(self, row: dict[str, Any], schema: Schema) -> dict[str, Any]:
        self._named[schema["name"]] = schema
        fields = schema["fields"]
        if self._options["strict_schema"]:
            unknown = row.keys() - {field["name"] for field in fields}
            if unknown:
                raise Unfit(f"the schema has no field `{min(unknown)}`")
        found = {}
        for field in fields:
            name = field["name"]
            value = row.get(name, field.get("default"))
            try:
                found[name] = self.value(value, field["type"])
            except Unfit as unfit:
                raise Unfit(f"field `{name}`: {unfit}") from None
        return found

    def value(self, value: Any, schema: Schema) -> Any:
        if isinstance(schema, list):
            return self._union(value, schema)
        if isinstance(schema, str):
            named = self._named.get(schema)
            return self.value(value, named) if named is not None else self._simple(value, schema)
        logical = schema.get("logicalType")
        if logical in _LOGICAL:
            return _LOGICAL[logical](self, value, schema)
        match schema["type"]:
            case "record":
                if not isinstance(value, dict):
                    raise _unfit(value, "a map")
                return self._record(value, schema)
            case "array":
                if not isinstance(value, list):
                    raise _unfit(value, "a list")
                return [self.value(each, schema["items"]) for each in value]
            case "map":
                if not isinstance(value, dict):
                    raise _unfit(value, "a map")
                return {key: self.value(each, schema["values"]) for key, each in value.items()}
            case "enum":
                if str(value) not in schema["symbols"]:
                    raise _unfit(value, "one of " + ", ".join(schema["symbols"]))
                return str(value)
            case other:
                return self.value(value, other)

    def _union(self, value: Any, kinds: list[Schema]) -> Any:
        may_be_null = "null" in kinds
        if value is None and may_be_null:
            return None
        texts = "string" in kinds
        if isinstance(value, str) and may_be_null and value in self._null and (self._everywhere or not texts):
            return None
        problem: Unfit | None = None
        for kind in sorted(
            (each for each in kinds if each != "null"), key=lambda kind: _closeness(value, kind)
        ):
            try:
                return self.value(value, kind)
            except Unfit as unfit:
                problem = problem or unfit
        raise problem or _unfit(value, "null")

    def _simple(self, value: Any, kind: str) -> Any:
        match kind:
            case "null":
                if value is None or (isinstance(value, str) and value in self._null):
                    return None
                raise _unfit(value, "null")
            case "boolean":
                return self._boolean(value)
            case "string":
                return _text(value)
            case "int" | "long":
                return self._whole(value, 31 if kind == "int" else 63)
            case "float" | "double":
                return float(self._decimal_number(value, "a number"))
            case "bytes" | "fixed":
                if isinstance(value, bytes | str):
                    return value.encode() if isinstance(value, str) else value
                raise _unfit(value, "bytes")
            case _:
                raise Unfit(f"the schema names the type `{kind}`, which it does not define")

    def _boolean(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        text = str(value).strip().lower()
        if text in self._true or text in self._false:
            return text in self._true
        raise _unfit(value, "a boolean")

    def _whole(self, value: Any, bits: int) -> int:
        found = self._decimal_number(value, "a whole number")
        if not found.is_finite() or found % 1 or not -(2**bits) <= found < 2**bits:
            raise _unfit(value, f"a whole number of {bits + 1} bits")
        return int(found)

    def _decimal_number(self, value: Any, wanted: str) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
            raise _unfit(value, wanted)
        text = value.strip() if isinstance(value, str) else str(value)
        separator = self._options["decimal_separator"]
        if isinstance(value, str) and separator != ".":
            text = text.replace(separator, ".")
        try:
            return Decimal(text)
        except InvalidOperation:
            raise _unfit(value, wanted) from None

    def decimal(self, value: Any, schema: Schema) -> Decimal:
        found = self._decimal_number(value, "a number")
        scale, precision = schema.get("scale", 0), schema["precision"]
        if not found.is_finite():
            raise _unfit(value, "a number")
        fixed: Decimal = round(found, scale)
        if fixed != found:
            raise Unfit(f"{value} has more than {scale} digits after the point")
        if len(fixed.as_tuple().digits) > precision:
            raise Unfit(f"{value} has more than {precision} digits")
        return fixed

    def date(self, value: Any, _: Schema) -> date:
        if isinstance(value, datetime):
            return value.date()
        return value if isinstance(value, date) else self._read(value, "date_format", date)

    def time(self, value: Any, _: Schema) -> time:
        found = value if isinstance(value, time) else self._read(value, "time_format", time)
        return found.replace(tzinfo=None)

    def moment(self, value: Any, _: Schema) -> datetime:
        found = self._datetime(value)
        return (found.replace(tzinfo=self._zone) if found.tzinfo is None else found).astimezone(UTC)

    def local_moment(self, value: Any, _: Schema) -> datetime:
        return self._datetime(value).replace(tzinfo=None)

    def _datetime(self, value: Any) -> datetime:
        if isinstance(value, datetime):
            return value
        if isinstance(value, date):
            return datetime.combine(value, time())
        found: datetime = self._read(value, "datetime_format", datetime)
        return found

    def _read(self, value: Any, pattern: str, kind: type) -> Any:
        if not isinstance(value, str):
            raise _unfit(value, f"a {kind.__name__}")
        try:
            return read(value, self._options[pattern], kind)
        except ValueError as error:
            raise Unfit(str(error)) from None


_LOGICAL: dict[str, Any] = {
    "decimal": _Types.decimal,
    "date": _Types.date,
    "time-millis": _Types.time,
    "time-micros": _Types.time,
    "timestamp-millis": _Types.moment,
    "timestamp-micros": _Types.moment,
    "local-timestamp-millis": _Types.local_moment,
    "local-timestamp-micros": _Types.local_moment,
}


def _closeness(value: Any, kind: Schema) -> int:
    """Of a union, the member that a value is by itself comes first, a text last."""
    name = kind.get("logicalType") or kind["type"] if isinstance(kind, dict) else kind
    own = {bool: "boolean", int: "long", float: "double", Decimal: "decimal", str: "string", date: "date"}
    if own.get(type(value)) == name or (isinstance(value, datetime) and "timestamp" in str(name)):
        return 0 if name != "string" else 2
    return 3 if name == "string" else 1


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float | Decimal):
        return str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    raise _unfit(value, "a text")


def _unfit(value: Any, wanted: str) -> Unfit:
    return Unfit(f"`{value!s:.80}` is not {wanted}")
