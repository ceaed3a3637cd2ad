"""Whether a typed value fits its input, also inside: the cells of a TABLE, the properties of an OBJECT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contracts.language.flow.input_value import typed
from contracts.language.types.index import INPUTS
from contracts.language.types.input.choice import not_offered, options_of
from contracts.language.types.input.common import Input, ListInput


def fitted(declared: Input, value: object) -> tuple[object, list[str]]:
    """Return the value with typed parts, and the causes why it does not fit. A part that nobody declared is left out."""
    known = INPUTS[declared.type]
    causes = known.check(declared, value)
    if known.parts is None:
        return value, causes
    parts = known.parts[1](declared)
    if isinstance(value, Mapping):
        fields, found = _fields(parts, value, declared.id)
        return fields, [*causes, *found]
    assert isinstance(value, list)
    rows = []
    for number, row in enumerate(value):
        fields, found = _fields(parts, row, f"{declared.id}[{number}]")
        rows.append(fields)
        causes += found
    return rows, causes


def _fields(
    parts: Sequence[Input], given: Mapping[str, object], path: str
) -> tuple[dict[str, object], list[str]]:
    fields: dict[str, object] = {}
    causes: list[str] = []
    for part in parts:
        value, found = _field(part, given.get(part.id))
        fields[part.id] = value
        causes += [f"{path}.{part.id}: {cause}" for cause in found]
    return fields, causes


def _field(part: Input, given: object) -> tuple[object, list[str]]:
    if given is None:
        return None, ["missing required value"] if part.required else []
    known = INPUTS[part.type]
    try:
        value = typed(part.type, given, part.item_type if isinstance(part, ListInput) else None)
    except ValueError as error:
        return None, [str(error)]
    causes = known.check(part, value)
    choice = known.choice(part) if known.choice is not None else None
    if choice is not None and part.required and not choice.custom:
        causes = [*causes, *not_offered(value, options_of(choice.written))]
    return value, causes
