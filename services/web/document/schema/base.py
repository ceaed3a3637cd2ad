"""The base classes of all shapes, and the shapes that many answers share."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Item = TypeVar("Item")
Instant = datetime
JsonMap = dict[str, Any]


class Shape(BaseModel):
    """A shape with only the declared keys. Tests check real answers against it."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class OpenShape(BaseModel):
    """A shape that always has these keys, and may have others that the flow's author wrote."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="allow")


class Label(Shape):
    key: str
    value: str


class Page(Shape, Generic[Item]):
    results: list[Item]
    total: int = Field(description="number of all matches")


class Count(Shape):
    """The number of changed items."""

    count: int
    total_items: int


class BulkDone(Count):
    operation_id: str


class FlowId(OpenShape):
    namespace: str
    id: str


class Violation(Shape):
    detail: str
    pointer: str = Field(description="the place, as JSON pointer")
    type: str
    line: int | None = Field(None, description="line in the source, from 1")
    column: int | None = None
    path: str | None = Field(None, description="the place as a dotted path: `tasks[0].type`")
    suggestion: str | None = Field(None, description="what the author may have meant; may be empty")
    text: str | None = Field(
        None, description="the whole violation in one line, as the command line prints it"
    )


class Invalid(Shape):
    message: str
    invalid_value: str


class Problem(Shape):
    """An error: RFC 9457, with the keys of the older envelope."""

    type: str = Field(description="name of the kind of problem; nothing is fetched from it")
    title: str
    status: int
    detail: str = Field(description="for people")
    instance: str = Field(description="the path of the request")
    message: str = Field(description="the same as `detail`")
    links: JsonMap = Field(alias="_links")
    embedded: JsonMap = Field(alias="_embedded")
    errors: list[Violation] | None = None
    invalids: list[Invalid] | None = Field(
        None, description="items of a list that cannot be acted on; nothing was done"
    )
