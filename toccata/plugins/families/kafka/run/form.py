"""Keys and values as Kafka keeps them. Pure."""

from __future__ import annotations

import base64
import binascii
import struct
from typing import Any
from uuid import UUID

from toccata.plugin import NotJson, read_json, write_json
from toccata.plugins.families.kafka.types import Form

_NUMBERS = {"INTEGER": ">i", "LONG": ">q", "SHORT": ">h", "FLOAT": ">f", "DOUBLE": ">d"}
_BYTES = ("BYTE_ARRAY", "BYTE_BUFFER", "BYTES")


class BadForm(ValueError):
    """The value has another form. The text says which."""


def written(value: Any, form: Form) -> bytes | None:
    if value is None or form == "VOID":
        return None
    try:
        if form in _NUMBERS:
            number = float(value) if form in ("FLOAT", "DOUBLE") else int(value)
            return struct.pack(_NUMBERS[form], number)
        if form in _BYTES:
            return base64.b64decode(str(value), validate=True)
        if form == "UUID":
            return str(UUID(str(value))).encode()
    except (ValueError, TypeError, struct.error, binascii.Error) as error:
        raise BadForm(f"{value!r:.100} is no {form}: {error}") from None
    if form == "STRING" and isinstance(value, str):
        return value.encode()
    return write_json(value)


def read(data: bytes | None, form: Form) -> Any:
    if data is None or form == "VOID":
        return None
    try:
        if form in _NUMBERS:
            return struct.unpack(_NUMBERS[form], data)[0]
        if form in _BYTES:
            return base64.b64encode(data).decode()
        return read_json(data) if form == "JSON" else data.decode()
    except (struct.error, NotJson, UnicodeDecodeError) as error:
        raise BadForm(f"{data!r:.100} is no {form}: {error}") from None
