"""``TABLE``: rows, each with a value for every column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from contracts.language.types.declaration import InputType
from contracts.language.types.input.common import Input, Parted
from contracts.language.types.input.value import json_of, text_of
from contracts.language.types.property import Properties


class Rows(Properties):
    min: int | None = Field(None, ge=0, description="fewest rows")
    max: int | None = Field(None, ge=0, description="most rows")


class TableInput(Parted):
    """A list of rows, or its JSON. A row is a map of values by column. Columns are declared as inputs are: scalars or SELECT."""

    columns: tuple[Any, ...] = Field(
        min_length=1, description="the columns: inputs of scalar types or SELECT"
    )
    rows: Rows | None = Field(None, description="how many rows there may be: `min` and `max`")


def parse(value: object) -> list[object]:
    read = json_of(value)
    if not isinstance(read, (list, tuple)) or not all(isinstance(row, Mapping) for row in read):
        raise ValueError(f"expected a list of rows, each a map, but received `{text_of(read)}`")
    return list(read)


def check(declared: TableInput, value: list[object]) -> list[str]:
    bounds = declared.rows
    if bounds is None:
        return []
    found = []
    if bounds.min is not None and len(value) < bounds.min:
        found.append(f"it must have at least {bounds.min} row(s)")
    if bounds.max is not None and len(value) > bounds.max:
        found.append(f"it must have at most {bounds.max} row(s)")
    return found


def parts(declared: TableInput) -> tuple[Input, ...]:
    return declared.columns


TABLE = InputType(
    name="TABLE",
    title="Rows of values",
    properties=TableInput,
    examples=(
        """id: disks
type: TABLE
columns:
  - {id: size_gb, type: INT, min: 10}
  - {id: kind, type: SELECT, values: [ssd, hdd]}
rows: {min: 1}
defaults:
  - {size_gb: 20, kind: ssd}""",
    ),
    parse=parse,
    check=check,
    parts=("columns", parts),
)
