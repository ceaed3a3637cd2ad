"""What an input offers to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.language.types.input.value import text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    written: Sequence[object] = ()
    """The options as they are declared."""
    expression: str | None = None
    """Its result is the list of options."""
    custom: bool = False
    """Another value than the options is accepted too."""
    first: bool = False
    """The first option is the default."""
    many: bool = False
    """More than one option may be chosen, so the value is a list."""


def one_source(values: Sequence[object] | None, expression: str | None) -> None:
    """Raise ValueError unless exactly one of both says what the options are."""
    if values is not None and expression is not None:
        raise ValueError("you can't define both `values` and `expression`")
    if values is None and expression is None:
        raise ValueError("you must define either `values` or `expression`")


def not_offered(value: object, options: Sequence[str]) -> list[str]:
    """Return the causes why a chosen value is none of the options."""
    listed = f"`[{', '.join(options)}]`"
    if isinstance(value, list):
        return [f"value `{each}` doesn't match the values {listed}" for each in value if each not in options]
    return [] if value in options else [f"it must match the values {listed}"]


def options_of(values: Sequence[object]) -> list[str]:
    """Return the values of options, which are scalars or ``{label, value}``."""
    return [text_of(each.get("value")) if isinstance(each, Mapping) else text_of(each) for each in values]
