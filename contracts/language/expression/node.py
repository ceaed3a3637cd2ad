"""The syntax tree. ``position`` is an offset in the template's source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Constant:
    value: object
    position: int


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Attribute:
    target: Expression
    key: Expression
    position: int


@dataclass(frozen=True, slots=True)
class Method:
    target: Expression
    name: str
    arguments: tuple[Expression, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Arguments:
    positional: tuple[Expression, ...] = ()
    named: tuple[tuple[str, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: Arguments
    position: int


@dataclass(frozen=True, slots=True)
class Filter:
    target: Expression
    name: str
    arguments: Arguments
    position: int


@dataclass(frozen=True, slots=True)
class Test:
    target: Expression
    name: str
    negated: bool
    position: int


@dataclass(frozen=True, slots=True)
class Unary:
    operator: str
    operand: Expression
    position: int


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Expression
    right: Expression
    position: int


@dataclass(frozen=True, slots=True)
class Ternary:
    condition: Expression
    yes: Expression
    no: Expression
    position: int


@dataclass(frozen=True, slots=True)
class ListLiteral:
    items: tuple[Expression, ...]
    position: int


@dataclass(frozen=True, slots=True)
class MapLiteral:
    items: tuple[tuple[Expression, Expression], ...]
    position: int


@dataclass(frozen=True, slots=True)
class Interpolation:
    parts: tuple[Expression, ...]
    position: int


Expression: TypeAlias = (
    Constant
    | Name
    | Attribute
    | Method
    | Call
    | Filter
    | Test
    | Unary
    | Binary
    | Ternary
    | ListLiteral
    | MapLiteral
    | Interpolation
)


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Raw:
    text: str


@dataclass(frozen=True, slots=True)
class Print:
    expression: Expression
    position: int


@dataclass(frozen=True, slots=True)
class If:
    branches: tuple[tuple[Expression, Body], ...]
    otherwise: Body
    position: int


@dataclass(frozen=True, slots=True)
class For:
    name: str
    items: Expression
    body: Body
    otherwise: Body
    position: int


@dataclass(frozen=True, slots=True)
class Set:
    name: str
    value: Expression
    position: int


@dataclass(frozen=True, slots=True)
class Macro:
    name: str
    parameters: tuple[tuple[str, Expression | None], ...]
    body: Body
    position: int


@dataclass(frozen=True, slots=True)
class Block:
    name: str
    body: Body
    position: int


@dataclass(frozen=True, slots=True)
class FilterTag:
    filters: tuple[tuple[str, Arguments], ...]
    body: Body
    position: int


Statement: TypeAlias = Text | Raw | Print | If | For | Set | Macro | Block | FilterTag
Body: TypeAlias = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    source: str
    body: Body
    macros: dict[str, Macro] = field(default_factory=dict)
    blocks: dict[str, Block] = field(default_factory=dict)
    code: int = 0
    """Characters between braces."""


def parts_of(item: object) -> Iterator[object]:
    """Yield the direct parts of a node or of a tuple of nodes."""
    if isinstance(item, (tuple, list)):
        yield from item
    elif isinstance(item, dict):
        yield from item.values()
    elif is_dataclass(item):
        for each in fields(item):
            yield getattr(item, each.name)
