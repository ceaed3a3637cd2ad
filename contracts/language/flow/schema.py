"""Turns a written value into a pydantic model. Each refusal becomes a violation with its path, in Kestra's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from contracts.language.flow.violation import Path, Violation, path_text
from contracts.language.nearest import Guesses

Model = TypeVar("Model", bound=BaseModel)

_NAMES = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a map",
    "mapping_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
}

_DAY, _TIME, _INSTANT = (
    "a day such as 2024-05-01",
    "a time of day such as 10:30",
    "an instant such as 2024-05-01T10:00:00Z",
)
_MOMENTS = {
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "time_type": _TIME,
    "time_parsing": _TIME,
    "datetime_type": _INSTANT,
    "datetime_parsing": _INSTANT,
    "datetime_from_date_parsing": _INSTANT,
    "timezone_aware": _INSTANT,
}


def validated(
    model: type[Model], value: Mapping[str, object], path: Path, guesses: Guesses
) -> tuple[Model | None, list[Violation]]:
    """Return the model, or everything that is wrong with the value."""
    try:
        return model.model_validate(value, by_alias=True, by_name=False), []
    except ValidationError as error:
        return None, [
            _violation(model, each, value, path, guesses)
            for each in error.errors(include_url=False, include_context=True)
        ]


def extended(model: type[Model], common: BaseModel, **fields: object) -> Model:
    """Return the validated common part, extended by further fields that are already models."""
    construct: Any = model.model_construct
    made: Model = construct(**{**common.__dict__, **fields})
    return made


@cache
def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the keys as written in YAML."""
    return tuple(info.alias or name for name, info in model.model_fields.items())


def unrecognized(key: str, known: Iterable[str], path: Path, guesses: Guesses) -> Violation:
    names = sorted(known)
    listed = ", ".join(f'"{name}"' for name in names)
    message = f'Unrecognized field "{key}", not marked as ignorable ({len(names)} known properties: {listed})'
    meant = guesses.did_you_mean(key, names)
    return Violation(message, path_text((*path, key)), kind="structure", suggestion=meant)


def kind_name(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, Mapping):
        return "a map"
    if isinstance(value, (list, tuple)):
        return "a list"
    text = str(value)
    return f"`{text if len(text) <= 80 else text[:77] + '...'}`"


def _violation(
    model: type[BaseModel], error: ErrorDetails, root: object, prefix: Path, guesses: Guesses
) -> Violation:
    steps = written_path(error, root)
    path = (*prefix, *steps)
    value = error["input"]
    if error["type"] == "extra_forbidden":
        known = known_keys(model, steps, root)
        return unrecognized(str(steps[-1]), known, path[:-1], guesses)
    return Violation(message_of(error), path_text(path), value=None if error["type"] == "missing" else value)


def written_path(error: ErrorDetails, root: object) -> Path:
    """Return Pydantic's location without the names of union members, which nobody wrote."""
    steps: list[str | int] = []
    value: Any = root
    location = error["loc"]
    for index, step in enumerate(location):
        last = index == len(location) - 1
        known = (
            step in value
            if isinstance(value, Mapping)
            else isinstance(value, (list, tuple)) and isinstance(step, int) and step < len(value)
        )
        if known:
            value = value[step]
            steps.append(step)
        elif last and error["type"] == "missing":
            steps.append(step)
    return tuple(steps)


def known_keys(model: type[BaseModel], steps: Path, root: object) -> Sequence[str]:
    """Return the keys that are accepted beside the unknown one at ``steps``."""
    current: type[BaseModel] | None = model
    value: Any = root
    for step in steps[:-1]:
        value = value[step]
        if isinstance(step, str):
            current = _model_at(current, step, value) if current else None
    return keys_of(current) if current else ()


def _model_at(model: type[BaseModel], key: str, value: object) -> type[BaseModel] | None:
    for name, info in model.model_fields.items():
        if (info.alias or name) == key:
            found = _models_in(info.annotation)
            tagged = [each for each in found if _has_tag(each, value)]
            return next(iter(tagged or found), None)
    return None


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [each for part in getattr(annotation, "__args__", ()) for each in _models_in(part)]


def _has_tag(model: type[BaseModel], value: object) -> bool:
    info = model.model_fields.get("type")
    return info is not None and isinstance(value, Mapping) and value.get("type") == info.default


def message_of(error: ErrorDetails) -> str:
    """Return what is wrong, in Kestra's words where it has any."""
    kind, value = error["type"], error["input"]
    context = error.get("ctx", {})
    if kind == "missing":
        return "must not be null"
    if value is None and kind in _NAMES:
        return "must not be null"
    if kind in _NAMES:
        return f"must be {_NAMES[kind]}, not {kind_name(value)}"
    if kind == "value_error":
        return str(context["error"])
    if kind in ("literal_error", "enum"):
        return f"must be one of {context['expected']}, not {kind_name(value)}"
    if kind == "union_tag_invalid":
        return f"Invalid type: {context['tag']} (known: {context['expected_tags']})"
    if kind == "union_tag_not_found":
        return "must have a `type`"
    if kind in ("too_short", "string_too_short"):
        return "must not be empty"
    if kind == "string_too_long":
        return f"size must be between 0 and {context['max_length']}"
    if kind in _MOMENTS:
        return f"must be {_MOMENTS[kind]}, not {kind_name(value)}"
    if kind == "less_than_equal":
        return f"must be less than or equal to {context['le']}"
    if kind == "greater_than_equal":
        return f"must be greater than or equal to {context['ge']}"
    if kind == "greater_than":
        return f"must be greater than {context['gt']}"
    return error["msg"]
