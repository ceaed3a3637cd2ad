"""Tables for spreadsheets: quoted, and no text of a user is taken for a formula."""

from __future__ import annotations

import csv
import io

from services.web.core.rows import FlowRow
from services.web.core.view.table import flows_csv


def a_flow(description: str, labels: dict[str, str]) -> FlowRow:
    return FlowRow("a.b", "f", 3, "", labels, False, description, False, 0, 1_700_000_000_000)


def test_a_row_is_one_line_whatever_its_texts_hold() -> None:
    text = flows_csv([a_flow('two\nlines, and "quotes"', {"team": "data", "k": "v"})])
    head, row = csv.reader(io.StringIO(text))
    assert head == ["namespace", "id", "revision", "disabled", "description", "labels", "updated"]
    assert row[:4] == ["a.b", "f", "3", "false"]
    assert row[4:] == ['two\nlines, and "quotes"', "team:data,k:v", "2023-11-14T22:13:20.000Z"]


def test_a_text_that_a_spreadsheet_would_run_is_made_plain() -> None:
    for text in ("=cmd()", "+1", "-1", "@x", "\tx"):
        (_, row) = csv.reader(io.StringIO(flows_csv([a_flow(text, {})])))
        assert row[4] == f"'{text}"
