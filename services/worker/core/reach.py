"""Which files of internal storage a template may read (docs/language/files.md#access)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from contracts.namespace_path import with_parents
from contracts.scalars import execution_folders

SCHEME = "kestra:///"
ALL = "*"


def why_not(uri: str, namespace: str, trigger: Any, granted: Collection[str]) -> str | None:
    """Return why a template of this namespace may not read the file, or None if it may.

    It may read files of its namespace and of those below it, of the execution that triggered it, and of granted namespaces."""
    folders = uri.removeprefix(SCHEME)
    if ALL in granted or any(_within(folders, name) for name in (namespace, *granted)):
        return None
    if isinstance(trigger, Mapping):
        names = [trigger.get(name) for name in ("namespace", "flowId", "executionId")]
        if all(isinstance(name, str) and name for name in names):
            above = "/".join(execution_folders(*map(str, names)))
            if folders.startswith(above + "/"):
                return None
    return (
        f"Unable to read the file '{uri}' as it didn't belong to the current execution or its namespace: "
        "grant its namespace with TOCCATA_WORKER_GRANTED_NAMESPACES"
    )


def may_use(owner: str, namespace: str, granted: Collection[str]) -> bool:
    """Return whether templates of a namespace may read the namespace files of another: its own, those above it, and granted ones."""
    return owner in with_parents(namespace) or ALL in granted or any(_is_in(owner, name) for name in granted)


def _within(folders: str, namespace: str) -> bool:
    return folders.startswith(namespace.replace(".", "/") + "/")


def _is_in(namespace: str, above: str) -> bool:
    return namespace == above or namespace.startswith(above + ".")
