"""``serdes.excel.*``"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import BaseModel

from toccata.plugin import TaskType, dynamic, static
from toccata.plugins.families.serdes.dates import Dated
from toccata.plugins.families.serdes.properties import RUN, InCharset, Outputs

_NAME = "io.kestra.plugin.serdes.excel"
_CHARSET = "workbooks are XML, which says so itself"


class ExcelToIon(InCharset):
    """Reads the sheets of a workbook (`.xlsx`), each into a file of its own."""

    conversion: ClassVar[str] = "excel:to_ion"
    ending: ClassVar[str] = ".ion"

    charset: str = dynamic("UTF-8", ignored=_CHARSET)
    sheets_title: list[str] = dynamic([], doc="titles of the sheets; empty: all")
    value_render: Literal["FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"] = dynamic(
        "UNFORMATTED_VALUE",
        doc="FORMATTED_VALUE makes texts of all values, FORMULA gives formulas in place of their results",
    )
    date_time_render: Literal["SERIAL_NUMBER", "FORMATTED_STRING", "UNFORMATTED_VALUE"] = dynamic(
        "UNFORMATTED_VALUE", doc="dates and moments: days since 1900, texts in ISO-8601, or as they are"
    )
    header: bool = dynamic(default=True, doc="the first row names the fields")
    skip_empty_rows: bool = dynamic(default=False, doc="leave empty rows out")
    skip_rows: int = static(0, doc="rows after the header that are left out", ge=0)


class ExcelToIonOutputs(BaseModel):
    uris: dict[str, str]
    """Files of rows by the titles of their sheets."""
    size: int
    """Number of rows."""


class IonToExcel(Dated, InCharset):
    """Writes a workbook (`.xlsx`)."""

    conversion: ClassVar[str] = "excel:from_ion"
    ending: ClassVar[str] = ".xlsx"

    from_: Any = dynamic(doc="URI of a file of rows, or a map of sheets: title and URI", alias="from")
    charset: str = dynamic("UTF-8", ignored=_CHARSET)
    sheets_title: str = dynamic("Sheet", doc="title of the sheet, where `from` is one file")
    header: bool = dynamic(default=True, doc="the keys of the first row become the first row")
    styles: bool = dynamic(
        default=True, doc="true: dates and moments are such, with these patterns; false: they are texts"
    )


EXCEL_TO_ION = TaskType(
    name=f"{_NAME}.ExcelToIon",
    title="Read Excel",
    properties=ExcelToIon,
    run=f"{RUN}:read_workbook",
    outputs=ExcelToIonOutputs,
    extra="toccata[serdes]",
    kind="heavy",
    examples=(f'id: convert\ntype: {_NAME}.ExcelToIon\nfrom: "{{{{ outputs.rows.uri }}}}"',),
)
ION_TO_EXCEL = TaskType(
    name=f"{_NAME}.IonToExcel",
    title="Write Excel",
    properties=IonToExcel,
    run=f"{RUN}:write_workbook",
    outputs=Outputs,
    extra="toccata[serdes]",
    kind="heavy",
    examples=(f'id: convert\ntype: {_NAME}.IonToExcel\nfrom: "{{{{ outputs.rows.uri }}}}"',),
)
