"""A property whose value nobody sees: not in a log, an error, a representation or a schema's default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeAlias, get_args

from pydantic import BaseModel, BeforeValidator, SecretStr
from pydantic.fields import FieldInfo


def _text(value: object) -> object:
    """A password of digits is a number in YAML."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Secret: TypeAlias = Annotated[SecretStr, BeforeValidator(_text)]
"""The type of a secret property. ``get_secret_value()`` gives its text."""


def secret_texts(value: Any) -> Iterator[str]:
    """Yield the texts of all secrets in a validated model, also of nested ones."""
    if isinstance(value, SecretStr):
        if value.get_secret_value():
            yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from secret_texts(getattr(value, name))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from secret_texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from secret_texts(each)


def holds_secret(field: FieldInfo) -> bool:
    """Whether a value of the field may have a secret in it, so that no error may show what was given."""
    return _holds(field.annotation, set()) or any(_holds(each, set()) for each in field.metadata)


def _holds(annotation: Any, seen: set[Any]) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, SecretStr):
        return True
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation in seen:
            return False
        seen.add(annotation)
        return any(_holds(each.annotation, seen) for each in annotation.model_fields.values())
    return any(_holds(each, seen) for each in get_args(annotation))
