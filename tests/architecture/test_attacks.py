"""The table of attacks in SECURITY.md names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    line
    for line in (ROOT / "SECURITY.md")
    .read_text()
    .partition("## Attacks, and the test of each")[2]
    .splitlines()
    if line.startswith("| ") and "its test" not in line and "---" not in line
]
NAMED = re.compile(r"`([a-z0-9_/]+\.py)(?:::(\w+))?`")


def test_the_table_is_found() -> None:
    assert len(ROWS) > 30


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:50])
def test_each_attack_has_a_test(row: str) -> None:
    named = NAMED.findall(row)
    assert named
    for path, function in named:
        source = (ROOT / "tests" / path).read_text()
        assert re.search(rf"^(async )?def {function or 'test_'}", source, re.MULTILINE), (path, function)
