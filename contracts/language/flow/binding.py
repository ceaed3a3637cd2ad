"""Turns the properties of a task as written into a validated model: rendered, converted and checked. Pure.

A dynamic property is rendered to text and then converted to its type (docs/language/expressions.md#rendering).
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from contracts.json_text import NotJson, loads
from contracts.language.flow.schema import message_of, unrecognized
from contracts.language.nearest import Guesses
from contracts.language.types.property import Properties
from contracts.language.types.secret import holds_secret

Render = Callable[[Any], Any]


class NotBound(Exception):
    """A rendered value does not fit its property. The message has a part for each."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One property, as the binding sees it."""

    name: str
    """The name in flows."""
    dynamic: bool
    required: bool
    text: bool
    """The value may be a string, which needs no conversion."""
    structured: bool
    """The value is a list, a map or an object. A string is read as JSON."""
    ignored: str
    """Why the property has no effect. Empty if it has one."""
    secret: bool
    """Its value may have a secret in it, so no error shows what was given."""


@lru_cache(maxsize=4096)
def slots(properties: type[Properties]) -> tuple[Slot, ...]:
    return tuple(
        Slot(
            field.alias or name,
            bool(_extra(field, "$dynamic")),
            field.is_required(),
            not (kinds := set(_kinds(field.annotation))).isdisjoint({str, SecretStr, Any, object}),
            not kinds.isdisjoint({list, tuple, set, dict, Mapping, BaseModel}),
            str(_extra(field, "$ignored") or ""),
            holds_secret(field),
        )
        for name, field in properties.model_fields.items()
    )


def _extra(field: FieldInfo, key: str) -> object:
    return field.json_schema_extra.get(key) if isinstance(field.json_schema_extra, dict) else None


def bind(properties: type[Properties], written: Mapping[str, Any], render: Render) -> Properties:
    """Render, convert and validate. Keys that are not declared come from plugin defaults and are ignored.

    Raise NotBound if a rendered value does not fit, and whatever ``render`` raises."""
    values: dict[str, Any] = {}
    for slot in slots(properties):
        if slot.name not in written:
            continue
        value = written[slot.name]
        if slot.dynamic:
            value = render(value)
            if isinstance(value, str) and not slot.text:
                value = converted(value, slot)
        if value is not None:
            values[slot.name] = value
    try:
        return properties.model_validate(values)
    except ValidationError as error:
        raise NotBound("; ".join(_explained(properties, error.errors()))) from None


def explain(properties: type[Properties], error: ErrorDetails) -> str:
    if error["type"] == "extra_forbidden":
        key = str(error["loc"][-1])
        if len(error["loc"]) > 1:
            return f'Unrecognized field "{key}"'
        return unrecognized(key, [slot.name for slot in slots(properties)], (), Guesses()).message
    if error["type"] == "missing":
        return "must not be null"
    return message_of(error)


def _explained(properties: type[Properties], errors: Iterable[ErrorDetails]) -> list[str]:
    lines = {}
    hidden = {slot.name for slot in slots(properties) if slot.secret}
    hidden |= {""} if hidden else set()
    for error in errors:
        name = str(error["loc"][0]) if error["loc"] else ""
        is_hidden = error["type"] == "missing" or name in hidden
        given = "" if is_hidden else f" (given: {str(error['input'])[:200]!r})"
        lines[name] = f"{name}: {explain(properties, error)}{given}"
    return list(lines.values())


def converted(text: str, slot: Slot) -> Any:
    if not text.strip():
        return None
    if slot.structured:
        try:
            return loads(text)
        except NotJson:
            return text
    return text.strip()


def _kinds(annotation: Any) -> Iterable[Any]:
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        for member in get_args(annotation):
            yield from _kinds(member)
    elif hasattr(annotation, "__metadata__"):
        yield from _kinds(annotation.__origin__)
    elif origin is not None:
        # The members of a Literal are words, not types, so they count as no kind.
        yield origin
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield BaseModel
    else:
        yield annotation
