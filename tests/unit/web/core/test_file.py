"""Addresses of files that callers ask for."""

from __future__ import annotations

import pytest

from services.web.core.file import attachment, checked, is_of, name_of, owners
from services.web.core.problem import Problem

GOOD = "kestra:///company/team/hello/executions/abc/tasks/t/r/a%20b.txt"


def test_a_file_belongs_to_the_execution_that_its_address_names() -> None:
    assert checked(GOOD) == GOOD
    assert list(owners(GOOD)) == ["abc"]
    assert is_of(GOOD, "company.team", "hello", "abc")
    assert not is_of(GOOD, "company.team", "hello", "ab")
    assert not is_of(GOOD, "company", "hello", "abc")


def test_a_namespace_called_executions_names_more_than_one() -> None:
    assert list(owners("kestra:///a/executions/f/executions/x/y")) == ["f", "x"]


@pytest.mark.parametrize(
    "uri",
    [
        "file:///etc/passwd",
        "kestra://host/x",
        "kestra:///a/../b",
        "kestra:///a/%2e%2e/b",
        "kestra:///a//b",
        "kestra:///a/%2f..",
        "kestra:///a\\b",
        "kestra:///a/\x00",
        "kestra:///a/",
        "",
    ],
)
def test_what_leaves_the_store_is_refused(uri: str) -> None:
    with pytest.raises(Problem, match="path"):
        checked(uri)


def test_a_download_is_named_as_the_file_whatever_its_letters() -> None:
    assert name_of(GOOD) == "a b.txt"
    assert attachment('ä"b.txt') == "attachment; filename=\"__b.txt\"; filename*=utf-8''%C3%A4%22b.txt"
