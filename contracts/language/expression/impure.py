"""Functions that call something outside. The executor never calls them; a worker supplies them as ports."""

from __future__ import annotations

WORKER_FUNCTIONS = frozenset({"secret", "kv", "read", "fileURI", "fileSize", "fileExists", "isFileEmpty"})
"""The functions that a worker supplies."""

UNBUILT_FUNCTIONS = frozenset(
    {
        "errorLogs",
        "http",
        "subflow",
        "appLink",
        "credential",
        "randomPort",
        "encrypt",
        "decrypt",
        "isPublicHoliday",
    }
)
"""Kestra's functions that are missing here. A template that calls one can be stored, but rendering it fails."""

IMPURE_FUNCTIONS = WORKER_FUNCTIONS | UNBUILT_FUNCTIONS


def why_unavailable(name: str) -> str:
    """Tell the author why this function cannot be called here."""
    if name in UNBUILT_FUNCTIONS:
        return f"Function `{name}` is not built here yet"
    return f"Function `{name}` is not available here: it works in the properties of tasks that a worker runs"
