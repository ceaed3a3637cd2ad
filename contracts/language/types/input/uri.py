"""``URI``: the address of something."""

from __future__ import annotations

import re

from contracts.language.types.declaration import InputType
from contracts.language.types.input.common import Input
from contracts.language.types.input.value import text_of


class UriInput(Input):
    """A text with a scheme, such as `https://example.org`."""


def parse(value: object) -> str:
    text = text_of(value)
    if not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9+.-]*:\S+", text):
        raise ValueError("Invalid URI format.")
    return text


URI = InputType(
    name="URI",
    title="Address",
    properties=UriInput,
    examples=("{id: source, type: URI, defaults: https://example.org/data.csv}",),
    parse=parse,
)
