"""What all shapes share: names as in JSON, nothing beside what is declared, and the shapes that many answers have."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Item = TypeVar("Item")
Instant = datetime
JsonMap = dict[str, Any]


class Shape(BaseModel):
    """A key that is not declared is a mistake of ours: tests hold real answers against it."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class OpenShape(BaseModel):
    """The keys that are always there; whatever else a flow's author wrote comes with them."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="allow")


class Label(Shape):
    key: str
    value: str


class Page(Shape, Generic[Item]):
    results: list[Item]
    total: int = Field(description="how many match in all")


class Count(Shape):
    """Done for so many."""

    count: int
    total_items: int


class BulkDone(Count):
    operation_id: str


class FlowId(OpenShape):
    namespace: str
    id: str


class Violation(Shape):
    detail: str
    pointer: str = Field(description="where, as JSON pointer")
    type: str
    line: int | None = Field(None, description="of the source, from 1")
    column: int | None = None
    path: str | None = Field(None, description="where, dotted: `tasks[0].type`")
    suggestion: str | None = Field(None, description="what was meant, perhaps; else empty")
    text: str | None = Field(None, description="all of it in one line, as the command line prints it")


class Invalid(Shape):
    message: str
    invalid_value: str


class Problem(Shape):
    """What went wrong: RFC 9457, with the keys of the older envelope."""

    type: str = Field(description="names the kind of problem; nothing is fetched from it")
    title: str
    status: int
    detail: str = Field(description="for people")
    instance: str = Field(description="the path that was asked for")
    message: str = Field(description="the same as `detail`")
    links: JsonMap = Field(alias="_links")
    embedded: JsonMap = Field(alias="_embedded")
    errors: list[Violation] | None = None
    invalids: list[Invalid] | None = Field(
        None, description="of a list: what cannot be acted on; nothing was done"
    )
