"""A table of what each type asks its service, and what it makes of the answers. The example of each is what is run."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

from tests.support.http_server import Give
from toccata.plugin import TaskType


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it must be."""

    method: str
    target: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    """Names in lower case."""


@dataclass(frozen=True, slots=True)
class Row:
    task_type: TaskType
    host: str
    """That the example names."""
    asked: list[Asked]
    answers: list[Give]
    outputs: dict[str, Any]
    written: dict[str, Any] = field(default_factory=dict)
    """Properties beside those of the example."""

    @property
    def name(self) -> str:
        return self.task_type.name.removeprefix("io.kestra.plugin.")


def basic(username: str, password: str = "s3cret") -> dict[str, str]:
    return {"authorization": "Basic " + b64encode(f"{username}:{password}".encode()).decode()}


BEARER = {"authorization": "Bearer s3cret"}


def ok(body: Any = b"", status: int = 200, **headers: str) -> Give:
    return Give(status, body, headers)
