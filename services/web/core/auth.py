"""What a caller may do: the open paths, the rule against cross-site requests, and what a read-only token may call.
Knows no secret but the digest of a session's mark, and no request object."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import Literal

from services.web.core.access.claim import digest_of

CSRF_HEADER = b"x-csrf-token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN = frozenset(
    {
        "/",
        "/api",
        "/api/",
        "/api/docs",
        "/api/v1",
        "/api/v1/",
        "/api/v1/configs",
        "/api/v1/configs/login",
        "/api/v1/docs",
        "/api/v1/login",
        "/api/v1/openapi.json",
        "/docs",
        "/health",
        "/ping",
        "/swagger",
        "/swagger-ui",
        "/ui",
    }
)
_OPEN_TREES = ("/ui/", "/docs/", "/api/v1/docs/", "/health/")
WEBHOOKS = "/api/v1/main/executions/webhook/"
_PART = "[^/]+"
# `executions/trigger/…` is an older form of execute, whatever the flow is named.
_EXECUTION = "/api/v1/main/executions/(?!trigger/)[^/]+"
READING_POSTS = (
    "/api/v1/main/executions/latest",
    f"{_EXECUTION}/actions/eval",
    f"{_EXECUTION}/actions/eval/{_PART}",
    f"{_EXECUTION}/{_PART}/validate",
    f"{_EXECUTION}/actions/resume/validate",
    "/api/v1/main/flows/assist",
    "/api/v1/main/flows/export/by-ids",
    "/api/v1/main/flows/graph",
    "/api/v1/main/flows/source/replace/preview",
    "/api/v1/main/flows/validate",
    "/api/v1/main/flows/validate/task",
    "/api/v1/main/flows/validate/trigger",
    "/api/v1/main/namespaces/autocomplete",
    "/api/v1/plugins/auto-install/detect",
    "/api/v1/plugins/pluginUiManifest",
)
"""The requests that only read although their method is POST. A read-only token may make these and no other POST."""
_READING_POSTS = re.compile("|".join(READING_POSTS))
TOKENS = "/api/v1/main/x/tokens"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who showed a credential that counts."""

    name: str
    how: Literal["password", "session", "token"]
    id: str = ""
    """Of the sign-in or the token. Not secret: it stands in logs."""
    read_only: bool = False
    csrf_digest: str = ""
    """Of a session: the digest of the text that changing requests must show."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request wants. ``path`` is canonical, ``csrf`` is the header's value."""

    method: str
    path: str
    csrf: str = ""


Refusal = Literal["unauthenticated", "csrf", "read_only", "token"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """``caller`` may do it, unless there is a ``refusal``. On an open path nobody needs to be known."""

    caller: Caller | None
    refusal: Refusal | None = None


def is_open(path: str) -> bool:
    """True if the path needs no sign-in. ``path`` is canonical. A webhook is open because its key is its secret."""
    return path in _OPEN or path.startswith((WEBHOOKS, *_OPEN_TREES))


def judge(asked: Asked, caller: Caller | None) -> Verdict:
    """Decide about a request. ``caller`` is who showed a credential that counts; None if nobody did."""
    if is_open(asked.path):
        return Verdict(caller)
    if caller is None:
        return Verdict(None, "unauthenticated")
    if caller.how == "token" and asked.path.startswith(TOKENS) and asked.method not in SAFE:
        return Verdict(caller, "token")
    if caller.read_only and not reads(asked.method, asked.path):
        return Verdict(caller, "read_only")
    if caller.how == "session" and asked.method not in SAFE and not _is_marked(asked, caller):
        return Verdict(caller, "csrf")
    return Verdict(caller)


def reads(method: str, path: str) -> bool:
    """True if such a request changes nothing."""
    return method in SAFE or (method == "POST" and _READING_POSTS.fullmatch(path) is not None)


def _is_marked(asked: Asked, caller: Caller) -> bool:
    """A page of elsewhere makes the browser send the cookie, but cannot read the session's mark to send it, too."""
    return bool(asked.csrf) and hmac.compare_digest(digest_of(asked.csrf), caller.csrf_digest)
