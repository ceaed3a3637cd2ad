"""``SECRET``: a text that is encrypted before it is kept anywhere."""

from __future__ import annotations

from contracts.language.encrypted import ciphertext_of
from contracts.language.types.declaration import InputType
from contracts.language.types.input.string import StringInput, check_pattern
from contracts.language.types.input.value import text_of


class SecretInput(StringInput):
    """A text that is encrypted before it is kept anywhere, and decrypted where a task runs. Logs show asterisks in its place. A value that
    is encrypted already, such as an output of another task, stays as it is."""


def parse(value: object) -> object:
    return value if ciphertext_of(value) is not None else text_of(value)


def check(declared: SecretInput, value: object) -> list[str]:
    """An encrypted value was checked before."""
    return check_pattern(declared.validator, value) if isinstance(value, str) else []


SECRET = InputType(
    name="SECRET",
    title="Secret text",
    properties=SecretInput,
    examples=("{id: token, type: SECRET, validator: '[a-z0-9]{32}'}",),
    parse=parse,
    check=check,
    secret=True,
)
