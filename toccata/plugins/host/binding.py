"""Says what is wrong with properties when a flow is saved, and binds them when a task runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from contracts.language.expression.presence import has_expression
from contracts.language.flow import binding
from contracts.language.flow.binding import NotBound, Render, Slot, converted, explain, slots
from contracts.language.flow.schema import known_keys, unrecognized, written_path
from contracts.language.flow.violation import Violation, path_text
from contracts.language.nearest import Guesses
from toccata.plugin import Properties, TaskFailed


def bind(properties: type[Properties], written: Mapping[str, Any], render: Render) -> Properties:
    """Render, convert and validate. Raises TaskFailed when rendering fails or a rendered value does not fit."""
    try:
        return binding.bind(properties, written, render)
    except NotBound as problem:
        raise TaskFailed(str(problem)) from None


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
    unused = [_warning(name, (name,), reason) for name, reason in model.unused().items()]
    return [*warnings, *unused, *_unread(model, ())]


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
            hidden = (
                slot.secret if slot is not None else not path and any(each.secret for each in known.values())
            )
            shown = None if hidden else given
            found[path] = Violation(explain(properties, error), path_text(path), value=shown)
    # Each member of a union reports an error. The error at the deepest path says most.
    outer = {path[:length] for path in found for length in range(len(path))}
    return [violation for path, violation in found.items() if path not in outer]


def _literal(slot: Slot | None, value: Any) -> Any:
    """Read a string as JSON where a list or map belongs, as at run time. Strings with an expression stay as they are."""
    if slot is None or not slot.dynamic or slot.text or not isinstance(value, str) or has_expression(value):
        return value
    return converted(value, slot)
