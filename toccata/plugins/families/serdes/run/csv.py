"""CSV, line by line."""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from toccata.plugins.families.serdes.run.pattern import in_zone, written, zone_of
from toccata.plugins.families.serdes.run.report import Bad, Report
from toccata.rows.read import read_rows
from toccata.rows.write import write_rows

_NULL = "\\N"


def to_ion(source: Path, target: Path, options: Mapping[str, Any], report: Report) -> int:
    strict = options["error_on_different_field_count"]
    if strict is not None:
        report = _like(report, "ERROR" if strict else "WARN")
    csv.field_size_limit(options["max_field_size"])
    charset = options["charset"]
    if charset.lower().replace("-", "").replace("_", "") == "utf8":
        charset = "utf-8-sig"
    with source.open(encoding=charset, newline="") as text, target.open("wb") as out:
        reader = csv.reader(
            text,
            delimiter=options["field_separator"],
            quotechar=options["text_delimiter"],
            strict=not options["allow_extra_chars_after_closing_quote"],
        )
        return write_rows(out, _rows(_Lines(reader, options), options, report))


def _like(report: Report, mode: str) -> Report:
    """Another mode, the same notes."""
    other = Report(mode)
    other.notes = report.notes
    return other


class _Lines:
    """The lines of a file, and the number of the last one."""

    def __init__(self, reader: Any, options: Mapping[str, Any]) -> None:
        self._reader = reader
        self._skip_empty = options["skip_empty_rows"]
        self._most = options["max_field_size"]

    @property
    def number(self) -> int:
        return int(self._reader.line_num)

    def __iter__(self) -> Iterator[list[str]]:
        try:
            for line in self._reader:
                if line or not self._skip_empty:
                    yield line or [""]
        except csv.Error as error:
            reason = (
                f"a field has more than {self._most:,} characters (maxFieldSize)"
                if "field limit" in str(error)
                else str(error)
            )
            raise Bad(f"line {self.number}: {reason}") from None


def _rows(lines: _Lines, options: Mapping[str, Any], report: Report) -> Iterator[Any]:
    found = iter(lines)
    names = _names(next(found, None), options) if options["header"] else None
    for _ in range(options["skip_rows"]):
        next(found, None)
    width = len(names) if names is not None else None
    for line in found:
        values = [None if value == _NULL else value for value in line]
        width = len(values) if width is None else width
        if len(values) != width:
            where = "the header" if names is not None else "the first row"
            report.bad(f"line {lines.number} has {len(values)} fields, and {where} has {width}")
        elif names is None:
            yield values
        else:
            yield {name: value for name, value in zip(names, values, strict=True) if name is not None}


def _names(header: Sequence[str] | None, options: Mapping[str, Any]) -> list[str | None] | None:
    """Of each field; None: it is left out."""
    if header is None:
        return None
    last = max((index for index, name in enumerate(header) if name), default=-1)
    names: list[str | None] = []
    for index, name in enumerate(header):
        if name or index < last:
            names.append(name or f"col_{index}")
        else:
            names.append(f"col_{index}" if options["on_empty_header"] == "RENAME" else None)
    return names


def from_ion(source: Path, target: Path, options: Mapping[str, Any], report: Report) -> int:
    del report
    mode = "ALWAYS" if options["always_delimit_text"] else options["quote_mode"]
    quoting: dict[str, Any] = {
        "ALWAYS": csv.QUOTE_ALL,
        "REQUIRED": csv.QUOTE_MINIMAL,
        "NON_NUMERIC": csv.QUOTE_NONNUMERIC,
    }
    cell = _cell_of(options)
    count = 0
    with target.open("w", encoding=options["charset"], newline="") as out:
        writer = csv.writer(
            out,
            delimiter=options["field_separator"],
            quotechar=options["text_delimiter"],
            lineterminator=options["line_delimiter"],
            quoting=quoting[mode],
        )
        for count, row in enumerate(read_rows(source), 1):
            if count == 1 and options["header"]:
                if not isinstance(row, dict):
                    raise Bad(
                        "from: the first row is a list, which has no names for a header: set header to false"
                    )
                writer.writerow(list(row))
            if not isinstance(row, dict | list):
                raise Bad(f"from: row {count} is a {type(row).__name__}: each row must be a map or a list")
            writer.writerow([cell(value) for value in (row.values() if isinstance(row, dict) else row)])
    return count


def _cell_of(options: Mapping[str, Any]) -> Callable[[Any], Any]:
    zone = zone_of(options["time_zone_id"])

    def cell(value: Any) -> Any:
        """Numbers stay: the library must know them when it delimits all but numbers."""
        if value is None or isinstance(value, str | Decimal):
            return value if not isinstance(value, Decimal) else float_or_text(value)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return value
        if isinstance(value, datetime):
            return written(in_zone(value, zone), options["date_time_format"])
        if isinstance(value, date):
            return written(value, options["date_format"])
        if isinstance(value, time):
            return written(value, options["time_format"])
        if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_inner)

    return cell


class _Exact(float):
    """A decimal number with all its digits, which the library takes for a number."""

    text: str

    def __new__(cls, value: Decimal) -> Self:
        made = super().__new__(cls, float(value))
        made.text = format(value, "f")
        return made

    def __repr__(self) -> str:
        return self.text


def float_or_text(value: Decimal) -> Any:
    return _Exact(value) if value.is_finite() else str(value)


def _inner(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value) if value % 1 else int(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat()
