"""``EMAIL``: an address of electronic mail."""

from __future__ import annotations

import re

from contracts.language.types.declaration import InputType
from contracts.language.types.input.common import Input
from contracts.language.types.input.value import text_of

_LONGEST = 320


class EmailInput(Input):
    """A text such as `ada@example.org`."""


def parse(value: object) -> str:
    text = text_of(value)
    if len(text) > _LONGEST or not re.fullmatch(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+", text):
        raise ValueError(f"The input must be a valid email, but received `{text}`")
    return text


EMAIL = InputType(
    name="EMAIL",
    title="E-mail address",
    properties=EmailInput,
    examples=("{id: reply_to, type: EMAIL}",),
    parse=parse,
)
