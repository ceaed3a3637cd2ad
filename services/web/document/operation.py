"""The description of one operation as plain values, which ``build`` turns into OpenAPI."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Shape: TypeAlias = Any
"""A type that pydantic describes: a model, ``list[str]``, ``dict[str, Any]``."""
Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    meaning: str
    shape: Shape = str
    place: Literal["query", "header", "path"] = "query"
    required: bool = False
    style: Literal["", "deepObject"] = ""


@dataclass(frozen=True, slots=True)
class Content:
    """One form that a body or an answer may have."""

    media: str
    shape: Shape = str
    example: Any = None


@dataclass(frozen=True, slots=True)
class Body:
    contents: tuple[Content, ...]
    meaning: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    contents: tuple[Content, ...] = ()
    """Empty: the answer is only a status."""
    meaning: str = "Done"
    status: int = 200


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    summary: str
    answers: tuple[Answer, ...]
    description: str = ""
    body: Body | None = None
    parameters: tuple[Parameter, ...] = ()
    errors: tuple[int, ...] = ()
    """Errors besides 401, 403, 429 and 503, which every operation with a sign-in can answer."""
    open: bool = False
    """The operation needs no sign-in."""
    deprecated: bool = False
    """The operation is here for clients of an older generation."""


Operations: TypeAlias = dict[tuple[str, str], Operation]
"""By method and path, as in the routes."""


@dataclass(frozen=True, slots=True)
class Tag:
    name: str
    meaning: str
    operations: Operations = field(default_factory=dict)


def json_answer(shape: Shape, meaning: str) -> tuple[Answer, ...]:
    return (Answer((Content("application/json", shape),), meaning),)


def json_body(shape: Shape, meaning: str, example: Any = None) -> Body:
    return Body((Content("application/json", shape, example),), meaning)


def file_answer(media: str, meaning: str) -> tuple[Answer, ...]:
    return (Answer((Content(media, bytes if media == "application/octet-stream" else str),), meaning),)
