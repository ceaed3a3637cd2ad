"""``BOOL``: true or false; ``BOOLEAN`` is its old name."""

from __future__ import annotations

from dataclasses import replace

from contracts.language.types.declaration import InputType
from contracts.language.types.input.common import Input
from contracts.language.types.input.value import text_of


class BoolInput(Input):
    """`true` where the text is `true` in any case, else `false`."""


def parse(value: object) -> bool:
    return text_of(value).lower() == "true"


BOOL = InputType(
    name="BOOL",
    title="True or false",
    properties=BoolInput,
    examples=("{id: dry_run, type: BOOL, defaults: true}",),
    parse=parse,
)
BOOLEAN = replace(BOOL, name="BOOLEAN", deprecated_by=BOOL.name, examples=("{id: dry_run, type: BOOLEAN}",))
