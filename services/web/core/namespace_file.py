"""Paths of namespace files as callers give them, and files as the API shows them."""

from __future__ import annotations

import re
from typing import Protocol

from contracts.namespace_path import BadPath, file_path, name_of
from services.web.core.problem import invalid_argument
from services.web.core.view.page import Json

FLOWS_FOLDER = "/_flows"
"""What is uploaded here becomes a flow."""
_NAMESPACE_LINE = re.compile(r"^namespace:.*$", re.MULTILINE)


def wanted_path(text: str | None, *, root: bool = False) -> str:
    """The path that a caller names. Raises Problem 422 if it is none, or not one of a file. ``root``: the root may be named."""
    try:
        path = file_path(text or "")
    except BadPath as error:
        raise invalid_argument(str(error)) from None
    if path == "/" and not root:
        raise invalid_argument("`path` is required: the path of a file or a folder, such as /scripts/main.py")
    return path


def writable_path(text: str | None) -> str:
    """Like ``wanted_path``, but not for the folder that stands for flows."""
    path = wanted_path(text)
    if path == FLOWS_FOLDER or path.startswith(FLOWS_FOLDER + "/"):
        raise invalid_argument(f"Forbidden path: {path}. It stands for the flows of the namespace")
    return path


def is_flow(path: str) -> bool:
    """Whether an upload to this path is a flow. Raises Problem 422 if it cannot be one."""
    if not path.startswith(FLOWS_FOLDER + "/"):
        return False
    if path.count("/") != 2:
        raise invalid_argument(f"Invalid flow file path: {path}")
    return True


def in_namespace(source: str, namespace: str) -> str:
    """The source of a flow, moved to the namespace that it is uploaded to."""
    return _NAMESPACE_LINE.sub(f"namespace: {namespace}", source, count=1)


class Shown(Protocol):
    """A file or a folder."""

    @property
    def path(self) -> str: ...

    @property
    def folder(self) -> bool: ...

    @property
    def size(self) -> int: ...

    @property
    def created_at(self) -> int: ...

    @property
    def updated_at(self) -> int: ...


def attributes(file: Shown) -> Json:
    """Dates are in milliseconds here, as Kestra has them."""
    return {
        "fileName": name_of(file.path),
        "lastModifiedTime": file.updated_at,
        "creationTime": file.created_at,
        "type": "Directory" if file.folder else "File",
        "size": file.size,
        "metadata": {},
    }
