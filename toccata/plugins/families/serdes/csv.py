"""``serdes.csv.*``"""

from __future__ import annotations

from typing import ClassVar, Literal

from toccata.plugin import dynamic
from toccata.plugins.families.serdes.dates import Dated
from toccata.plugins.families.serdes.properties import BAD_LINES, BadLines, InCharset, converter

_BUFFER = "the file is read as it comes"


class CsvToIon(InCharset):
    r"""Reads CSV. Values stay texts; `\N` is null. Without a header each row is a list."""

    conversion: ClassVar[str] = "csv:to_ion"
    ending: ClassVar[str] = ".ion"

    header: bool = dynamic(default=True, doc="the first line names the fields")
    field_separator: str = dynamic(",", doc="between fields", min_length=1, max_length=1)
    text_delimiter: str = dynamic('"', doc="around fields", min_length=1, max_length=1)
    skip_empty_rows: bool = dynamic(default=False, doc="leave empty lines out")
    error_on_different_field_count: bool | None = dynamic(
        None, doc="older form of `onBadLines`: true is ERROR, false is WARN; it wins"
    )
    on_bad_lines: BadLines = dynamic("ERROR", doc=BAD_LINES)
    on_empty_header: Literal["DROP", "RENAME"] = dynamic(
        "DROP",
        doc="empty names at the end of the header: leave these fields out, or name them `col_<number>`",
    )
    skip_rows: int = dynamic(0, doc="rows after the header that are left out", ge=0)
    max_field_size: int = dynamic(16 * 1024 * 1024, doc="characters of a field", ge=1)
    max_buffer_size: int = dynamic(16 * 1024 * 1024, ignored=_BUFFER)
    allow_extra_chars_after_closing_quote: bool = dynamic(
        default=False, doc="false: text between a closing delimiter and the next separator is an error"
    )


class IonToCsv(Dated, InCharset):
    """Writes CSV. Null is an empty field; maps and lists become JSON."""

    conversion: ClassVar[str] = "csv:from_ion"
    ending: ClassVar[str] = ".csv"

    header: bool = dynamic(default=True, doc="the keys of the first row become the first line")
    field_separator: str = dynamic(",", doc="between fields", min_length=1, max_length=1)
    text_delimiter: str = dynamic('"', doc="around fields", min_length=1, max_length=1)
    line_delimiter: str = dynamic("\n", doc="after each line")
    always_delimit_text: bool = dynamic(default=False, doc="older form of `quoteMode: ALWAYS`")
    quote_mode: Literal["ALWAYS", "REQUIRED", "NON_NUMERIC"] = dynamic(
        "REQUIRED", doc="which fields are delimited: all, those that need it, or all but numbers"
    )


CSV_TO_ION = converter(CsvToIon, "csv.CsvToIon", "Read CSV", "CsvReader")
ION_TO_CSV = converter(IonToCsv, "csv.IonToCsv", "Write CSV", "CsvWriter")
