"""JDBC URLs."""

from __future__ import annotations

from typing import Any

import pytest

from toccata.plugins.families.jdbc.run.address import read_address
from toccata.plugins.families.jdbc.run.failure import SqlFailed


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("jdbc:postgresql://h:5433/db?sslmode=require&currentSchema=a", {"hosts": [("h", 5433)], "database": "db", "options": {"sslmode": "require", "currentSchema": "a"}}),
        ("jdbc:postgresql:db", {"hosts": (), "database": "db"}),
        ("jdbc:postgresql://a:1,b:2/db", {"hosts": [("a", 1), ("b", 2)]}),
        ("jdbc:postgresql://[::1]:5/db", {"hosts": [("::1", 5)]}),
        ("jdbc:postgresql://u:p%40@h/db", {"user": "u", "password": "p@", "hosts": [("h", None)]}),
        ("jdbc:postgresql://h/db?user=u&password=p", {"user": "u", "password": "p", "options": {}}),
        ("jdbc:sqlserver://h:1433;databaseName=x;encrypt=true;user=sa", {"database": "x", "user": "sa", "options": {"encrypt": "true"}}),
        ("jdbc:oracle:thin:@//h:1521/svc", {"hosts": [("h", 1521)], "database": "svc", "options": {}}),
        ("jdbc:oracle:thin:@h:1521:XE", {"hosts": [("h", 1521)], "database": "XE", "options": {"sid": "XE"}}),
        ("jdbc:oracle:thin:scott/tiger@h/svc", {"user": "scott", "password": "tiger", "hosts": [("h", None)]}),
        ("jdbc:duckdb:/a/b.db", {"database": "/a/b.db"}),
        ("jdbc:duckdb:", {"database": ""}),
        ("jdbc:snowflake://a.example.com/?db=x&warehouse=w", {"hosts": [("a.example.com", None)], "options": {"db": "x", "warehouse": "w"}}),
    ],
)  # fmt: skip
def test_a_url_is_read(url: str, expected: dict[str, Any]) -> None:
    found = read_address(url, [url.split(":")[1]], None, None)
    assert {name: getattr(found, name) for name in expected} == expected


def test_the_properties_win_over_the_url() -> None:
    found = read_address("jdbc:postgresql://u:p@h/db", ["postgresql"], "other", "word")
    assert (found.user, found.password) == ("other", "word")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("postgresql://h/db", "the url must begin with `jdbc:`: write jdbc:postgresql:…"),
        (
            "jdbc:mysql://h/db",
            "the url is for `mysql`, which this task does not speak: write jdbc:postgresql:…",
        ),
    ],
)
def test_a_url_of_something_else_is_refused(url: str, why: str) -> None:
    with pytest.raises(SqlFailed) as raised:
        read_address(url, ["postgresql"], None, None)
    assert str(raised.value) == why


def test_the_password_is_not_printed() -> None:
    found = read_address("jdbc:postgresql://u:planted@h/db", ["postgresql"], None, None)
    assert "planted" not in repr(found) + found.place
