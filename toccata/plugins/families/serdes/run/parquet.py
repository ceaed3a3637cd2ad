"""Parquet, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from toccata.plugins.families.serdes.run.coerce import typed_rows
from toccata.plugins.families.serdes.run.report import Bad, Report
from toccata.plugins.families.serdes.run.schema import Schema
from toccata.rows.write import write_rows

_ROWS_AT_ONCE = 5000
_SIMPLE = {
    "null": pa.null(),
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "bytes": pa.binary(),
    "string": pa.string(),
}
_LOGICAL = {
    "date": pa.date32(),
    "time-millis": pa.time32("ms"),
    "time-micros": pa.time64("us"),
    "timestamp-millis": pa.timestamp("ms", "UTC"),
    "timestamp-micros": pa.timestamp("us", "UTC"),
    "local-timestamp-millis": pa.timestamp("ms"),
    "local-timestamp-micros": pa.timestamp("us"),
}


def to_ion(source: Path, target: Path, options: Mapping[str, Any], report: Report) -> int:
    del options, report
    try:
        with pq.ParquetFile(source) as file, target.open("wb") as out:
            batches = file.iter_batches(_ROWS_AT_ONCE)
            return sum(write_rows(out, batch.to_pylist()) for batch in batches)
    except pa.ArrowException as error:
        raise Bad(f"the file is not Parquet, or damaged: {error}") from None


def from_ion(source: Path, target: Path, options: Mapping[str, Any], report: Report) -> int:
    avro, rows = typed_rows(source, options, report)
    schema = pa.schema([pa.field(each["name"], *_arrow(each["type"])) for each in avro["fields"]])
    codec = options["compression_codec"]
    count = 0
    with pq.ParquetWriter(
        target,
        schema,
        compression="NONE" if codec == "UNCOMPRESSED" else codec,
        data_page_version="2.0" if options["parquet_version"] == "V2" else "1.0",
        data_page_size=options["page_size"],
        dictionary_pagesize_limit=options["dictionary_page_size"],
    ) as writer:
        group: list[pa.RecordBatch] = []
        for batch in _batches(rows, schema):
            count += batch.num_rows
            group.append(batch)
            if sum(each.nbytes for each in group) >= options["row_group_size"]:
                writer.write_table(pa.Table.from_batches(group, schema))
                group = []
        if group:
            writer.write_table(pa.Table.from_batches(group, schema))
    return count


def _batches(rows: Iterator[dict[str, Any]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    while batch := list(islice(rows, _ROWS_AT_ONCE)):
        try:
            yield pa.RecordBatch.from_pylist(batch, schema)
        except pa.ArrowException as error:
            raise Bad(f"from: the rows do not fit the schema: {error}") from None


def _arrow(schema: Schema) -> tuple[pa.DataType, bool]:
    """The type, and whether it may be null. Raises Bad."""
    if isinstance(schema, list):
        kinds = [each for each in schema if each != "null"]
        if len(kinds) > 1:
            raise Bad(
                f"schema: Parquet has no union of {' and '.join(map(str, kinds))}: give a schema with one of them"
            )
        return (_arrow(kinds[0])[0] if kinds else pa.null()), "null" in schema
    if isinstance(schema, str):
        if schema not in _SIMPLE:
            raise Bad(f"schema: Parquet has no type `{schema}`")
        return _SIMPLE[schema], False
    return _complex(schema), False


def _complex(schema: Schema) -> pa.DataType:
    logical = schema.get("logicalType")
    if logical == "decimal":
        return pa.decimal128(schema["precision"], schema.get("scale", 0))
    if logical in _LOGICAL:
        return _LOGICAL[logical]
    match schema["type"]:
        case "record":
            return pa.struct([pa.field(each["name"], *_arrow(each["type"])) for each in schema["fields"]])
        case "array":
            return pa.list_(pa.field("element", *_arrow(schema["items"])))
        case "map":
            return pa.map_(pa.string(), pa.field("value", *_arrow(schema["values"])))
        case "enum":
            return pa.string()
        case "fixed":
            return pa.binary(schema["size"])
        case other:
            return _arrow(other)[0]
