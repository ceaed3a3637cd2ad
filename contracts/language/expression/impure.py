"""Functions that call something outside. The executor never calls them: it asks a worker, which supplies them as ports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NoReturn

WORKER_FUNCTIONS = frozenset(
    {
        "decrypt",
        "encrypt",
        "fileExists",
        "fileSize",
        "fileURI",
        "http",
        "isFileEmpty",
        "kv",
        "randomPort",
        "read",
        "secret",
    }
)
"""The functions that a worker supplies."""

UNBUILT_FUNCTIONS = frozenset(
    {
        "subflow",
        "appLink",
        "credential",
    }
)
"""Kestra's functions that are missing here. A template that calls one can be stored, but rendering it fails."""

IMPURE_FUNCTIONS = WORKER_FUNCTIONS | UNBUILT_FUNCTIONS


class NotHere(Exception):
    """A rendering has reached a function that only a worker has. This is no error of the template, so it is no ExpressionError."""


def _not_here(*_: object, **__: object) -> NoReturn:
    raise NotHere


PORTS_ELSEWHERE: Mapping[str, Callable[..., object]] = dict.fromkeys(WORKER_FUNCTIONS, _not_here)
"""For whoever renders what it can, and leaves the rest to a worker."""


def why_unavailable(name: str) -> str:
    """Tell the author why this function cannot be called here."""
    if name in UNBUILT_FUNCTIONS:
        return f"Function `{name}` is not built here yet"
    return f"Function `{name}` is not available here: a worker has it, and no worker renders this"
