"""Rows of Data values, and lines of streams."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from toccata.kit import rows as module
from toccata.kit.rows import BadRows, lines, rows


class Files:
    def __init__(self, *chunks: bytes) -> None:
        self.chunks = chunks

    async def stream(self, uri: str) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            yield chunk


async def taken(value: Any, *chunks: bytes) -> list[Any]:
    return [row async for row in rows(Files(*chunks), value)]


@pytest.mark.parametrize(
    "value",
    [{"a": 1}, [{"a": 1}], '{"a": 1}', '[{"a": 1}]'],
    ids=["map", "list", "map as text", "list as text"],
)
async def test_rows_stand_in_the_value(value: Any) -> None:
    assert await taken(value) == [{"a": 1}]


async def test_rows_of_a_file_are_json_or_ion_lines_wherever_the_chunks_end() -> None:
    chunks = (b'{"a": 1}\n{a:2,', b'b:"x"}\n\n', b"{a:0.12345678901234567890123}")
    assert await taken("kestra:///rows.ion", *chunks) == [
        {"a": 1},
        {"a": 2, "b": "x"},
        {"a": Decimal("0.12345678901234567890123")},
    ]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("rows.csv", "internal storage URI"),
        ("5", "not 5"),
        (7, "not 7"),
        ("kestra:///x", "kestra:///x, line 2"),
    ],
)
async def test_what_has_no_rows_says_why(value: Any, says: str) -> None:
    with pytest.raises(BadRows, match=says):
        await taken(value, b"{}\n", b"{{{\n")


async def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LINE_BYTES", 10)
    with pytest.raises(BadRows, match="more than 10 bytes"):
        await taken("kestra:///x", b"a" * 8, b"b" * 8)


async def test_lines_end_at_any_separator() -> None:
    assert [line async for line in lines(Files(b"a;;b", b"b;").stream(""), b";;")] == [b"a", b"bb;"]
