"""The beginning of a file as clients show it."""

from __future__ import annotations

from base64 import b64decode

import pytest

from services.web.core.problem import Problem
from services.web.core.view.preview import Asked, asked, preview


def test_text_ends_at_the_last_row_that_was_asked_for() -> None:
    page = preview("a.txt", b"one\ntwo\nthree\n", Asked(2), cut=False)
    assert page == {
        "extension": "txt",
        "type": "TEXT",
        "content": "one\ntwo\n",
        "maxLine": 2,
        "truncated": True,
    }
    assert preview("a", b"one", Asked(), cut=False)["truncated"] is False


def test_a_table_is_rows_by_the_names_of_its_head() -> None:
    page = preview("a.csv", b"x,y\r\n1,2\r\n3,4\r\n", Asked(1), cut=False)
    assert (page["type"], page["content"], page["truncated"]) == ("LIST", [{"x": "1", "y": "2"}], True)


def test_the_last_row_of_a_beginning_may_be_half_of_one_and_is_left_out() -> None:
    page = preview("a.jsonl", b'{"a": 1}\n{"a": 2', Asked(), cut=True)
    assert (page["content"], page["truncated"]) == ([{"a": 1}], True)


def test_what_does_not_read_as_its_name_says_is_text() -> None:
    page = preview("a.jsonl", b"no JSON\n", Asked(), cut=False)
    assert (page["type"], page["content"]) == ("TEXT", "no JSON\n")


def test_a_picture_is_given_whole() -> None:
    page = preview("a.PNG", b"\x89PNG", Asked(), cut=False)
    assert (page["type"], b64decode(page["content"])) == ("IMAGE", b"\x89PNG")


def test_bytes_that_are_no_text_are_no_failure() -> None:
    assert preview("a.txt", b"a\xff", Asked(), cut=False)["content"] == "a\ufffd"
    assert preview("a.txt", "ä".encode("latin-1"), asked(None, "latin1"), cut=False)["content"] == "ä"


def test_rows_are_bounded_and_encodings_known() -> None:
    assert asked(None, None) == Asked(100, "utf-8")
    assert asked(1_000_000, "UTF-8").rows == 5_000
    for wrong in ("punycode", "hex", "nope", "a\x00b"):
        with pytest.raises(Problem, match="encoding"):
            asked(None, wrong)
