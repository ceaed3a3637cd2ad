"""Named parameters become the placeholders of a driver."""

from __future__ import annotations

from toccata.plugins.families.jdbc.run.parameter import Bound, bound, with_marks


def test_names_become_placeholders_in_their_order() -> None:
    found = bound("SELECT :b, :a, :b", {"a": 1, "b": 2}, "format")
    assert found == Bound("SELECT %s, %s, %s", [2, 1, 2])


def test_casts_texts_and_remarks_are_left_alone() -> None:
    sql = "SELECT :a::int, ':a', \"x:a\", t[1:a] -- :a"
    assert bound(sql, {"a": 1}, "qmark") == Bound("SELECT ?::int, ':a', \"x:a\", t[1:a] -- :a", [1])


def test_percent_signs_mean_themselves() -> None:
    assert bound("SELECT :a LIKE '10%'", {"a": 1}, "format").sql == "SELECT %s LIKE '10%%'"
    assert bound("SELECT 5 % 2", {"a": 1}, "format") == Bound("SELECT 5 % 2", None)


def test_a_name_without_a_value_stays() -> None:
    assert bound("SELECT :a, :other", {"a": 1}, "numeric").sql == "SELECT :1, :other"


def test_question_marks_of_an_insert() -> None:
    assert with_marks("INSERT INTO t VALUES (?, '?', ?)", "format") == (
        "INSERT INTO t VALUES (%s, '?', %s)",
        2,
    )
