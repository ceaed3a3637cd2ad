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
    """Its result is the list of options. Then those that are written do not count."""
    custom: bool = False
    """Another value than the options is accepted too."""
    first: bool = False
    """The first option is the default."""
    many: bool = False
    """More than one option may be chosen, so the value is a list."""


def options_of(values: Sequence[object]) -> list[str]:
    """Return the values of options, which are scalars or ``{label, value}``."""
    return [text_of(each.get("value")) if isinstance(each, Mapping) else text_of(each) for each in values]
