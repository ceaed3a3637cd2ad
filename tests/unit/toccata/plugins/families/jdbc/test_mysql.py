"""MySQL without a server: what is refused before one is asked. ``tests/integration/test_sql_mysql.py`` has the rest."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.support.attempt import Bench
from toccata.plugin import TaskType
from toccata.plugins.families.jdbc import mysql
from toccata.testing import problems

ALL = [mysql.QUERY, mysql.QUERIES, mysql.BATCH, mysql.MARIADB_QUERY, mysql.MARIADB_QUERIES]


@pytest.mark.parametrize("task", ALL, ids=lambda each: each.name)
def test_the_example_is_valid(task: TaskType) -> None:
    written = yaml.safe_load(task.examples[0])
    assert (written.pop("id") in {"query", "insert"}, written.pop("type")) == (True, task.name)
    assert problems(task, written) == []


@pytest.mark.parametrize(
    ("url", "text"),
    [
        (
            "jdbc:mysql://127.0.0.1:1/x",
            "cannot connect to MySQL at 127.0.0.1:1/x: Can't connect to MySQL server on '127.0.0.1'",
        ),
        ("jdbc:mysql://nowhere.invalid/x", "cannot connect to MySQL at nowhere.invalid/x: "),
        (
            "jdbc:postgresql://h/x",
            "the url is for `postgresql`, which this task does not speak: write jdbc:mysql:…",
        ),
    ],
)
async def test_what_cannot_be_reached_is_named(tmp_path: Path, url: str, text: str) -> None:
    ended = await Bench(tmp_path).run(mysql.QUERY, {"url": url, "sql": "SELECT 1"})
    assert (ended.outcome, text in ended.message) == ("failed", True), ended.message
