"""Files of rows: what is written comes back with its types, and what other programs wrote is read."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from amazon.ion import simpleion
from hypothesis import given
from hypothesis import strategies as st

from toccata.rows.read import NotRows, read_rows
from toccata.rows.write import ion, write_records, write_rows

VALUES: list[Any] = [
    None,
    True,
    0,
    -(2**80),
    1.5,
    1e300,
    Decimal("1.50"),
    Decimal("-0.0000000000000000000000001"),
    Decimal("1E+30"),
    "Grüße \"'\\\n\t\u0001😀",
    "2024-01-01",
    "nan {{x}}",
    b"\x00\xff",
    date(2024, 2, 29),
    datetime.fromisoformat("2024-01-02T03:04:05"),  # in no zone
    datetime(2024, 1, 2, 3, 4, 5, 678900, UTC),
    datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
    [1, [None, {"a": date(2024, 1, 1)}]],
    {},
]


def written(path: Path, rows: list[Any]) -> list[Any]:
    with path.open("wb") as file:
        assert write_rows(file, rows) == len(rows)
    return list(read_rows(path))


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_comes_back_with_its_type(tmp_path: Path, value: Any) -> None:
    [row] = written(tmp_path / "rows", [{"value": value}])
    assert row == {"value": value}
    assert type(row["value"]) is type(value)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_amazons_library_reads_the_same(value: Any) -> None:
    read = simpleion.loads(ion(value))
    if isinstance(value, str | bytes | int | float | Decimal):
        assert read == value
    if isinstance(value, datetime) and value.tzinfo is not None:
        assert read == value


RANDOM = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.binary()
    | st.floats(allow_nan=False)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(RANDOM)
def test_any_value_comes_back(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "any.ion"
    assert written(path, [[value]]) == [[value]]


def test_rows_without_special_values_are_json_lines() -> None:
    row = {"id": 1, "price": 2.5, "exact": Decimal("2.50"), "name": "ü", "none": None, "list": [True]}
    assert json.loads(ion(row)) == {**row, "exact": 2.5}


def test_of_columns_with_the_same_name_the_last_counts(tmp_path: Path) -> None:
    path = tmp_path / "rows"
    with path.open("wb") as file:
        assert write_records(file, ["a", "b", "a"], iter([(1, 2, 3)])) == 1
    assert list(read_rows(path)) == [{"a": 3, "b": 2}]


def test_numbers_that_are_none(tmp_path: Path) -> None:
    [row] = written(tmp_path / "rows", [[math.nan, math.inf, -math.inf, Decimal("NaN")]])
    assert [str(each) for each in row] == ["nan", "inf", "-inf", "nan"]


def test_times_and_identifiers_are_texts() -> None:
    assert ion([time(10, 5), UUID(int=1)]) == '["10:05:00","00000000-0000-0000-0000-000000000001"]'


def test_a_value_without_a_form_is_refused() -> None:
    with pytest.raises(TypeError, match="a object cannot be written"):
        ion({"a": object()})


def test_ion_of_other_programs_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rows"
    path.write_text(
        '{id:1,name:"x"}\n\n// a remark\n{\n  id: 2, kind: \'word\', at: 2024-01-02T, note: tag::"y", no: null.int\n}\n[1, 2.50]\n'
    )
    assert list(read_rows(path)) == [
        {"id": 1, "name": "x"},
        {"id": 2, "kind": "word", "at": date(2024, 1, 2), "note": "y", "no": None},
        [1, Decimal("2.50")],
    ]


def test_binary_ion_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rows"
    path.write_bytes(simpleion.dumps([{"a": 1, "b": Decimal("1.5")}], binary=True, sequence_as_stream=True))
    assert list(read_rows(path)) == [{"a": 1, "b": Decimal("1.5")}]


def test_what_is_no_ion_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "rows"
    path.write_text('{"a":1}\n{"a":\n')
    with pytest.raises(NotRows, match="the file is not Ion from line 2 on"):
        list(read_rows(path))
