"""Workbooks of Excel, row by row. Only the texts that cells share are held in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.datetime import to_excel
from openpyxl.utils.exceptions import IllegalCharacterError, InvalidFileException

from toccata.plugins.families.serdes.run.json import plain_of
from toccata.plugins.families.serdes.run.pattern import in_zone, written, zone_of
from toccata.plugins.families.serdes.run.report import Bad, Report
from toccata.rows.read import read_rows
from toccata.rows.write import write_rows

_MOST_ROWS = 1_048_576
_MOST_TITLE = 31
_EXACT_DIGITS = 15
"""A cell's number is a double."""


def to_ion(source: Path, target: Path, options: Mapping[str, Any], report: Report) -> int:
    """``target`` names a folder for the files of sheets, which are numbered. The report gets their titles."""
    with source.open("rb") as file:
        return _sheets(_opened(file, options), target, options, report)


def _opened(file: Any, options: Mapping[str, Any]) -> Any:
    try:
        return openpyxl.load_workbook(file, read_only=True, data_only=options["value_render"] != "FORMULA")
    except (BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise Bad(f"the file is no workbook of Excel (.xlsx): {error}") from None


def _sheets(book: Any, target: Path, options: Mapping[str, Any], report: Report) -> int:
    wanted = options["sheets_title"]
    missing = [title for title in wanted if title not in book.sheetnames]
    if missing:
        raise Bad(f"sheetsTitle: there is no sheet `{missing[0]}`; there are: {', '.join(book.sheetnames)}")
    target.mkdir()
    count = 0
    for title in wanted or book.sheetnames:
        with (target / str(len(report.titles))).open("wb") as out:
            count += write_rows(out, _rows(book[title], options))
        report.titles.append(title)
    return count


def _rows(sheet: Any, options: Mapping[str, Any]) -> Iterator[Any]:
    lines = iter(sheet.iter_rows(values_only=True))
    names = None
    if options["header"]:
        names = [
            str(name) if name is not None else f"col_{index}" for index, name in enumerate(next(lines, ()))
        ]
    for _ in range(options["skip_rows"]):
        next(lines, None)
    for line in lines:
        if options["skip_empty_rows"] and all(value is None for value in line):
            continue
        values = [_value(value, options) for value in line]
        yield values if names is None else dict(zip(names, values, strict=False))


def _value(value: Any, options: Mapping[str, Any]) -> Any:
    if isinstance(value, datetime | date | time | timedelta):
        value = _moment(value, options["date_time_render"])
    if options["value_render"] != "FORMATTED_VALUE" or value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return value.isoformat() if hasattr(value, "isoformat") else f"{value:.15g}"


def _moment(value: Any, how: str) -> Any:
    if how == "SERIAL_NUMBER":
        return float(to_excel(value))
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    return value.isoformat() if how == "FORMATTED_STRING" else value


def from_ion(source: Path, target: Path, options: Mapping[str, Any], report: Report) -> int:
    """The file of ``source`` has the titles and paths of the sheets."""
    del report
    book = openpyxl.Workbook(write_only=True)
    count = 0
    for title, path in json.loads(source.read_text()):
        if len(title) > _MOST_TITLE or any(sign in title for sign in "[]:*?/\\") or not title:
            raise Bad(
                f"the title `{title}` is not possible: at most {_MOST_TITLE} signs, and none of [ ] : * ? / \\"
            )
        count += _sheet(book.create_sheet(title), read_rows(Path(path)), _Cells(options))
    book.save(target)
    return count


class _Cells:
    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options
        self.header = options["header"]
        self._zone = zone_of(options["time_zone_id"])
        self._plain = plain_of(options["time_zone_id"])

    def cell(self, sheet: Any, value: Any) -> Any:
        if isinstance(value, datetime):
            return self._moment(sheet, in_zone(value, self._zone), "date_time_format")
        if isinstance(value, date):
            return self._moment(sheet, value, "date_format")
        if isinstance(value, bool) or value is None or isinstance(value, str):
            return value
        if isinstance(value, int | float | Decimal):
            exact = (
                not isinstance(value, float)
                and len(str(value).replace("-", "").replace(".", "").strip("0")) > _EXACT_DIGITS
            )
            return str(value) if exact or value != value else value  # noqa: PLR0124 - not a number
        plain = self._plain(value)
        return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False, default=str)

    def _moment(self, sheet: Any, value: Any, pattern: str) -> Any:
        if not self._options["styles"]:
            return written(value, self._options[pattern])
        # A cell has no zone.
        cell = WriteOnlyCell(sheet, value.replace(tzinfo=None) if isinstance(value, datetime) else value)
        cell.number_format = "yyyy-mm-dd hh:mm:ss" if isinstance(value, datetime) else "yyyy-mm-dd"
        return cell


def _sheet(sheet: Any, rows: Iterator[Any], cells: _Cells) -> int:
    count = 0
    for count, row in enumerate(rows, 1):
        if not isinstance(row, dict | list):
            raise Bad(f"from: row {count} is a {type(row).__name__}: each row must be a map or a list")
        if count == 1 and cells.header and isinstance(row, dict):
            sheet.append(list(row))
        if count >= _MOST_ROWS:
            raise Bad(f"a sheet holds at most {_MOST_ROWS:,} rows")
        values: Sequence[Any] = list(row.values()) if isinstance(row, dict) else row
        try:
            sheet.append([cells.cell(sheet, value) for value in values])
        except IllegalCharacterError:
            raise Bad(f"from: row {count} has a text with a sign that Excel cannot hold") from None
    return count
