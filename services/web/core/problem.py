"""An error as a value. Every route can raise it, and one place turns it into an answer: a problem object (RFC 9457)
that also carries the keys of the older envelope, because both generations of clients read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PROBLEMS = "https://kestra.io/docs/api-reference/problems/"
"""Clients compare the URI, so it is part of the API. Nothing is fetched from it."""

GENERIC = "The server could not complete the request. Its log has the details."
"""Detail of every unexpected 5xx, so that no internals leak."""


@dataclass(frozen=True, slots=True)
class Violation:
    message: str
    path: str = ""
    """Dotted, indexes in brackets: ``tasks[0].type``."""
    line: int = 0
    """From 1. 0: the violation has no place in a text."""
    column: int = 0
    suggestion: str = ""
    """How to fix it."""
    text: str = ""
    """Of a flow: the whole violation in one line, as the command line and the page show it."""

    @property
    def told(self) -> str:
        return f"{self.message.rstrip('.')}. {self.suggestion}" if self.suggestion else self.message

    @property
    def pointer(self) -> str:
        """The path as a JSON pointer in a URI fragment."""
        parts = self.path.replace("[", ".").replace("]", "").split(".")
        return "#" + "".join(f"/{part}" for part in parts if part)


class Problem(Exception):
    """Ends a request. ``detail`` is for people and leaks no internals."""

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str,
        *,
        violations: tuple[Violation, ...] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.detail = detail
        self.violations = violations
        self.headers = headers or {}

    def body(self, instance: str) -> dict[str, Any]:
        """The keys of both envelopes, without nulls."""
        document: dict[str, Any] = {
            "type": PROBLEMS + self.slug,
            "title": self.slug.replace("-", " ").capitalize(),
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "message": self.detail,
            "_links": {"self": {"href": instance, "templated": False}},
            "_embedded": {},
        }
        if self.violations:
            document["errors"] = [_violation(v) for v in self.violations]
            document["_embedded"] = {
                "errors": [
                    {"message": v.told, "path": v.path, "_links": {}, "_embedded": {}}
                    for v in self.violations
                ]
            }
        return document


def _violation(violation: Violation) -> dict[str, Any]:
    view: dict[str, Any] = {
        "detail": violation.told,
        "pointer": violation.pointer,
        "type": "constraint-violation",
    }
    if violation.line:
        view |= {"line": violation.line, "column": violation.column}
    if violation.text:
        view |= {"path": violation.path, "suggestion": violation.suggestion, "text": violation.text}
    return view


class BulkProblem(Problem):
    """At least one id of a list cannot be acted on, so nothing was done."""

    def __init__(self, action: str, invalids: list[tuple[str, str]]) -> None:
        violations = tuple(Violation(f"{message}: {item}") for item, message in invalids)
        super().__init__(400, "bulk-validation-failed", f"invalid bulk {action}", violations=violations)
        self.invalids = invalids

    def body(self, instance: str) -> dict[str, Any]:
        document = super().body(instance)
        document["invalids"] = [{"message": message, "invalidValue": item} for item, message in self.invalids]
        return document


def not_found(what: str = "") -> Problem:
    return Problem(404, "not-found", f"Not Found: {what}" if what else "Not Found")


def invalid_entity(detail: str, violations: tuple[Violation, ...] = ()) -> Problem:
    return Problem(422, "invalid-entity", f"Invalid entity: {detail}", violations=violations)


def invalid_json(reason: str) -> Problem:
    return Problem(422, "invalid-json", f"Invalid JSON: {reason}", violations=(Violation(reason),))


def invalid_argument(detail: str) -> Problem:
    return Problem(422, "invalid-argument", f"Illegal argument: {detail}")


def bad_request(detail: str) -> Problem:
    return Problem(400, "bad-request", f"Bad Request: {detail}")


def conflict(detail: str) -> Problem:
    return Problem(409, "conflict", f"Conflict: {detail}")


def illegal_state(detail: str) -> Problem:
    return Problem(409, "conflict", f"Illegal state: {detail}")


def unavailable(detail: str) -> Problem:
    return Problem(503, "service-unavailable", detail, headers={"Retry-After": "1"})


def timed_out(detail: str) -> Problem:
    return Problem(504, "timeout", detail)


def too_many(detail: str, retry_after_seconds: int) -> Problem:
    return Problem(
        429, "too-many-requests", detail, headers={"Retry-After": str(max(1, retry_after_seconds))}
    )


def too_large(limit: int) -> Problem:
    return Problem(413, "payload-too-large", f"The request body is over the limit of {limit} bytes")
