"""Paths of namespace files, and the namespaces above a namespace. Pure."""

from __future__ import annotations

from collections.abc import Iterator

LONGEST_SEGMENT = 255
LONGEST_PATH = 2_000
ROOT = "/"


class BadPath(ValueError):
    """The text is for the author of the path."""


def file_path(text: str) -> str:
    """Return the path of a file or a folder: with a leading slash, and without one at the end. Raise BadPath."""
    segments = [segment for segment in text.split("/") if segment]
    for segment in segments:
        if segment in {".", ".."} or "\\" in segment or not segment.isprintable():
            raise BadPath(
                f"the path `{text[:200]}` is not allowed: it has a `.` or `..` segment, or a control character"
            )
        if len(segment) > LONGEST_SEGMENT:
            raise BadPath(
                f"a segment of the path has {len(segment)} characters, but the limit is {LONGEST_SEGMENT}"
            )
    if sum(map(len, segments)) > LONGEST_PATH:
        raise BadPath(f"the path has more than {LONGEST_PATH} characters")
    return ROOT + "/".join(segments)


def folders_above(path: str) -> Iterator[str]:
    """Yield the folders that a path stands in, the nearest first, without the root."""
    parent = path.rpartition("/")[0]
    while parent:
        yield parent
        parent = parent.rpartition("/")[0]


def is_below(path: str, folder: str) -> bool:
    """Return whether the path stands in the folder, at any depth."""
    return path != folder and path.startswith(folder.rstrip("/") + "/")


def name_of(path: str) -> str:
    return path.rpartition("/")[2]


def with_parents(namespace: str) -> Iterator[str]:
    """Yield the namespace and those above it, the nearest first."""
    while namespace:
        yield namespace
        namespace = namespace.rpartition(".")[0]
