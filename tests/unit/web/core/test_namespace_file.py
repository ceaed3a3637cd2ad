"""Paths of namespace files as callers give them."""

from __future__ import annotations

import pytest

from services.web.core.namespace_file import (
    attributes,
    in_namespace,
    is_flow,
    wanted_path,
    writable_path,
)
from services.web.core.problem import Problem
from toccata.runtime.namespace.files import Listed


def test_a_path_begins_with_one_slash() -> None:
    assert wanted_path("a//b/") == "/a/b"
    assert wanted_path("", root=True) == "/"


@pytest.mark.parametrize("path", [None, "", "/", "../x"])
def test_what_names_no_file_is_refused(path: str | None) -> None:
    with pytest.raises(Problem):
        wanted_path(path)


def test_the_folder_of_flows_is_no_folder() -> None:
    assert is_flow("/_flows/a.yml")
    assert not is_flow("/flows/a.yml")
    for path in ("/_flows/deep/a.yml",):
        with pytest.raises(Problem):
            is_flow(path)
    with pytest.raises(Problem):
        writable_path("/_flows/a.yml")


def test_an_uploaded_flow_moves_to_the_namespace() -> None:
    assert in_namespace("id: a\nnamespace: old\n", "new.one") == "id: a\nnamespace: new.one\n"


def test_a_folder_is_shown_as_one() -> None:
    shown = attributes(Listed("/a/b", folder=True, size=0, created_at=1, updated_at=2))
    assert (shown["fileName"], shown["type"], shown["lastModifiedTime"]) == ("b", "Directory", 2)
