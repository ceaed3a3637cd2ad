"""Avro, record by record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import fastavro

from toccata.plugins.families.serdes.run.coerce import typed_rows
from toccata.plugins.families.serdes.run.report import Bad, Report
from toccata.plugins.families.serdes.run.schema import schema_of as found_schema
from toccata.rows.read import read_rows
from toccata.rows.write import write_rows


def to_ion(source: Path, target: Path, options: Mapping[str, Any], report: Report) -> int:
    del options
    with source.open("rb") as file, target.open("wb") as out:
        return write_rows(out, _records(file, report))


def _records(file: Any, report: Report) -> Iterator[Any]:
    count = 0
    try:
        for record in fastavro.reader(file):
            count += 1
            yield record
    except (ValueError, EOFError, IndexError, KeyError, TypeError) as error:
        # What follows cannot be found either: records have no marks of their own.
        report.bad(f"record {count + 1} cannot be read, nor what follows it: {error or type(error).__name__}")


def from_ion(source: Path, target: Path, options: Mapping[str, Any], report: Report) -> int:
    schema, rows = typed_rows(source, options, report)
    count = 0

    def counted() -> Iterator[dict[str, Any]]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    try:
        parsed = fastavro.parse_schema(schema)
    except (fastavro.schema.SchemaParseException, fastavro.schema.UnknownType, KeyError) as error:
        raise Bad(f"schema: {error}") from None
    with target.open("wb") as out:
        fastavro.writer(out, parsed, counted(), codec="deflate")
    return count


def schema_of(source: Path, target: Path, options: Mapping[str, Any], report: Report) -> int:
    del report
    rows = list(islice(read_rows(source), options["number_of_rows_to_scan"]))
    target.write_text(json.dumps(found_schema(rows), indent=2))
    return len(rows)
