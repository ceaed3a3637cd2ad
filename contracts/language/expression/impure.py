"""Functions that call something outside: the executor never calls them, a worker supplies them as ports."""

from __future__ import annotations

IMPURE_FUNCTIONS = frozenset(
    {
        "secret",
        "kv",
        "read",
        "fileURI",
        "fileSize",
        "fileExists",
        "isFileEmpty",
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
