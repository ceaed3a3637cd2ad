"""Turns properties as written into a validated model, and says what is wrong with them when a flow is saved.

A dynamic property is rendered to text and then converted to its type (docs/language/expressions.md#rendering). Pure.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Union, get_args, get_origin

import orjson
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from contracts.language.expression.presence import has_expression
from contracts.language.flow.schema import known_keys, unrecognized, written_path
from contracts.language.flow.violation import Violation, path_text
from contracts.language.nearest import Guesses
from toccata.plugin import Properties, TaskFailed

Render = Callable[[Any], Any]


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


@lru_cache(maxsize=4096)
def slots(properties: type[Properties]) -> tuple[Slot, ...]:
    return tuple(
        Slot(
            field.alias or name,
            bool(_extra(field, "$dynamic")),
            field.is_required(),
            str in (kinds := set(_kinds(field.annotation))) or Any in kinds or object in kinds,
            not kinds.isdisjoint({list, tuple, set, dict, Mapping, BaseModel}),
            str(_extra(field, "$ignored") or ""),
        )
        for name, field in properties.model_fields.items()
    )


def _extra(field: FieldInfo, key: str) -> object:
    return field.json_schema_extra.get(key) if isinstance(field.json_schema_extra, dict) else None


def bind(properties: type[Properties], written: Mapping[str, Any], render: Render) -> Properties:
    """Render, convert and validate. Keys that are not declared come from plugin defaults and are ignored.

    Raises TaskFailed when rendering fails or a rendered value does not fit."""
    values: dict[str, Any] = {}
    for slot in slots(properties):
        if slot.name not in written:
            continue
        value = written[slot.name]
        if slot.dynamic:
            value = render(value)
            if isinstance(value, str) and not slot.text:
                value = _converted(value, slot)
        if value is not None:
            values[slot.name] = value
    try:
        return properties.model_validate(values)
    except ValidationError as error:
        raise TaskFailed("; ".join(_explained(properties, error.errors()))) from None


def check(properties: type[Properties], written: Mapping[str, Any]) -> list[Violation]:
    """Errors and warnings for the flow's author. Expressions in dynamic properties are checked only when they run."""
    known = {slot.name: slot for slot in slots(properties)}
    values = {name: _literal(known.get(name), value) for name, value in written.items()}
    values = {name: value for name, value in values.items() if value is not None or name not in known}
    warnings = list(_ignored(known, written))
    try:
        model = properties.model_validate(values)
    except ValidationError as error:
        return [*_violations(properties, known, values, error.errors()), *warnings]
    return [*warnings, *_unread(model, ())]


def _ignored(known: Mapping[str, Slot], written: Mapping[str, Any]) -> Iterable[Violation]:
    for name, value in written.items():
        slot = known.get(name)
        if slot is not None and slot.ignored and value is not None:
            yield _warning(name, (name,), slot.ignored)


def _unread(model: BaseModel, path: tuple[str, ...]) -> Iterable[Violation]:
    """Keys that a nested object accepts but does not declare."""
    for key in model.model_extra or {}:
        yield _warning(key, (*path, key), "nothing reads it")
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _unread(value, (*path, field.alias or name))


def _warning(name: str, path: tuple[str, ...], reason: str) -> Violation:
    return Violation(f"`{name}` is accepted, but not carried out: {reason}", path_text(path), kind="warning")


def _violations(
    properties: type[Properties],
    known: Mapping[str, Slot],
    values: Mapping[str, Any],
    errors: Iterable[ErrorDetails],
) -> list[Violation]:
    found: dict[tuple[str | int, ...], Violation] = {}
    guesses = Guesses()
    for error in errors:
        path = written_path(error, values)
        slot = known.get(str(path[0])) if path else None
        given = error["input"]
        if slot is not None and slot.dynamic and isinstance(given, str) and has_expression(given):
            continue
        if error["type"] == "extra_forbidden":
            known_there = known_keys(properties, path, values)
            found[path] = unrecognized(str(path[-1]), known_there, path[:-1], guesses)
        else:
            found[path] = Violation(_message(properties, error), path_text(path), value=given)
    # Each member of a union reports an error. The error at the deepest path says most.
    outer = {path[:length] for path in found for length in range(len(path))}
    return [violation for path, violation in found.items() if path not in outer]


def _message(properties: type[Properties], error: ErrorDetails) -> str:
    if error["type"] == "extra_forbidden":
        key = str(error["loc"][-1])
        if len(error["loc"]) > 1:
            return f'Unrecognized field "{key}"'
        return unrecognized(key, [slot.name for slot in slots(properties)], (), Guesses()).message
    if error["type"] == "missing":
        return "must not be null"
    return error["msg"].removeprefix("Value error, ")


def _explained(properties: type[Properties], errors: Iterable[ErrorDetails]) -> list[str]:
    lines = {}
    for error in errors:
        name = str(error["loc"][0]) if error["loc"] else ""
        given = "" if error["type"] == "missing" else f" (given: {str(error['input'])[:200]!r})"
        lines[name] = f"{name}: {_message(properties, error)}{given}"
    return list(lines.values())


def _literal(slot: Slot | None, value: Any) -> Any:
    """Read a string as JSON where a list or map belongs, as at run time. Strings with an expression stay as they are."""
    if slot is None or not slot.dynamic or slot.text or not isinstance(value, str) or has_expression(value):
        return value
    return _converted(value, slot)


def _converted(text: str, slot: Slot) -> Any:
    if not text.strip():
        return None
    if slot.structured:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
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
