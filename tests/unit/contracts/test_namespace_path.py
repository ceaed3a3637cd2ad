"""Paths of namespace files."""

from __future__ import annotations

import pytest

from contracts.namespace_path import BadPath, file_path, folders_above, is_below, name_of, with_parents


@pytest.mark.parametrize(
    ("text", "path"),
    [("a.txt", "/a.txt"), ("/a//b/", "/a/b"), ("", "/"), ("/", "/"), ("ä b/c", "/ä b/c"), ("a..b", "/a..b")],
)
def test_a_path_has_one_form(text: str, path: str) -> None:
    assert file_path(text) == path
    assert file_path(path) == path


@pytest.mark.parametrize(
    "text", ["..", "a/../b", "./a", "a\\b", "a\x00", "a\nb", "a" * 256, "/".join(["a" * 200] * 11)]
)
def test_a_path_that_leaves_its_folder_or_is_too_long_is_refused(text: str) -> None:
    with pytest.raises(BadPath):
        file_path(text)


def test_folders_stand_above_a_path() -> None:
    assert list(folders_above("/a/b/c.txt")) == ["/a/b", "/a"]
    assert list(folders_above("/a")) == []


@pytest.mark.parametrize(
    ("path", "folder", "below"),
    [
        ("/a/b", "/a", True),
        ("/a/b/c", "/a", True),
        ("/a", "/a", False),
        ("/ab", "/a", False),
        ("/a", "/", True),
    ],
)
def test_below_a_folder_is_what_stands_in_it(path: str, folder: str, below: bool) -> None:
    assert is_below(path, folder) is below


def test_names() -> None:
    assert name_of("/a/b.txt") == "b.txt"
    assert list(with_parents("a.b.c")) == ["a.b.c", "a.b", "a"]
