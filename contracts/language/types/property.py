"""What the properties of a type are made of: one pydantic model a type, its fields dynamic or static."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from contracts.language.expression.presence import has_expression
from contracts.language.types.duration import parse_duration

Model = TypeVar("Model", bound="Properties")


class Properties(BaseModel):
    """The base of every declaration: camelCase in flows, snake_case in Python; unknown keys are violations."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        coerce_numbers_to_str=True,
    )

    def unused(self) -> dict[str, str]:
        """Properties that were given and have no effect beside the others, by their name in flows: the reason. A flow is warned of them."""
        return {}


def dynamic(default: Any = PydanticUndefined, *, doc: str = "", ignored: str = "", **constraints: Any) -> Any:
    """A property that may hold expressions: rendered to text when the task runs, then converted to its type.

    ``ignored``: it is accepted and nothing is done with it, for this reason; flows that have it are warned of it."""
    return _property(default, doc, ignored, dynamic=True, **constraints)


def static(default: Any = PydanticUndefined, *, doc: str = "", ignored: str = "", **constraints: Any) -> Any:
    """A property that is read as written."""
    return _property(default, doc, ignored, dynamic=False, **constraints)


def _property(default: Any, doc: str, ignored: str, *, dynamic: bool, **constraints: Any) -> Any:
    extra: dict[str, Any] = {"$dynamic": dynamic, **({"$ignored": ignored} if ignored else {})}
    return Field(default, description=doc or None, json_schema_extra=extra, **constraints)


def is_dynamic(field: FieldInfo) -> bool:
    return isinstance(field.json_schema_extra, dict) and bool(field.json_schema_extra.get("$dynamic"))


def read_properties(model: type[Model], written: Mapping[str, object]) -> Model:
    """Of properties that were checked when their flow was saved."""
    return model.model_validate(written, by_alias=True, by_name=False)


def read_duration(value: object) -> object:
    """Before validation: a text becomes a duration, and a number is refused, since nobody can know its unit."""
    if isinstance(value, (int, float)):
        raise ValueError(f"must be an ISO-8601 duration such as PT{abs(value)}S, not a number")  # noqa: TRY004 - pydantic reports ValueError only
    return parse_duration(value) if isinstance(value, str) else value


def upper(value: object) -> object:
    """Before validation: words that are written in any case."""
    return value.upper() if isinstance(value, str) else value


def not_empty(value: Any) -> Any:
    """After validation: a list has something. A constraint on its length would also complain of each item that is wrong."""
    if value is not None and not value:
        raise ValueError("must not be empty")
    return value


def _duration_or_expression(value: object) -> object:
    return value if isinstance(value, str) and has_expression(value) else read_duration(value)


Duration = Annotated[
    timedelta,
    BeforeValidator(read_duration),
    WithJsonSchema({"type": "string", "format": "duration", "examples": ["PT30S"]}),
]
"""ISO-8601, days and time only."""
DynamicDuration = Annotated[
    timedelta | str,
    BeforeValidator(_duration_or_expression),
    WithJsonSchema({"type": "string", "format": "duration", "examples": ["PT30S"]}),
]
"""A duration, or an expression that gives one. Whoever runs the task renders it."""
