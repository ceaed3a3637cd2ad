"""Addresses of files that callers may read. Each belongs to an execution; nothing else can be read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import quote, unquote

from contracts.scalars import execution_folders
from services.web.core.problem import invalid_argument

SCHEME = "kestra:///"
_AREA = "executions"


def checked(uri: str) -> str:
    """Raises Problem 422 unless the text is an address of a file in internal storage."""
    if not uri.startswith(SCHEME):
        raise invalid_argument(f"`path` must begin with {SCHEME}")
    for segment in uri.removeprefix(SCHEME).split("/"):
        plain = unquote(segment)
        if not {"", ".", ".."}.isdisjoint(plain.split("/")) or "\\" in plain or "\x00" in plain:
            raise invalid_argument("`path` must not have empty, `.` or `..` segments")
    return uri


def owners(uri: str) -> Iterator[str]:
    """Ids of executions that the address may name, the most likely first."""
    segments = uri.removeprefix(SCHEME).split("/")
    for before, after in pairwise(segments):
        if before == _AREA:
            yield after


def is_of(uri: str, namespace: str, flow_id: str, execution_id: str) -> bool:
    return uri.startswith(folder_of(namespace, flow_id, execution_id))


def folder_of(namespace: str, flow_id: str, execution_id: str) -> str:
    """The beginning of the addresses of an execution's files."""
    return SCHEME + "/".join(execution_folders(namespace, flow_id, execution_id)) + "/"


def name_of(uri: str) -> str:
    return unquote(uri.rpartition("/")[2])


def attachment(name: str) -> str:
    """``Content-Disposition`` of a download: a plain name for old clients, and the full name for others."""
    plain = "".join(each if each.isascii() and (each.isalnum() or each in " ._-") else "_" for each in name)
    return f"attachment; filename=\"{plain}\"; filename*=utf-8''{quote(name, safe='')}"
