"""Converts bytes to messages and back. Only this module serialises messages. All are JSON, so people can read every topic."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from contracts.json_text import number
from contracts.message import Message, type_of
from contracts.nesting import MOST_LEVELS, is_deeper
from contracts.upcast import UPCASTERS

M = TypeVar("M", covariant=True)  # noqa: PLC0105 - decodes only

_encoder = msgspec.json.Encoder(decimal_format="number")
encode = _encoder.encode
"""Any message as JSON bytes, with the field ``type`` first."""


_NAME_CHARS, _ERROR_CHARS = 100, 500
"""The most characters that a reason repeats of the sender's text. Reasons go to logs."""


class UnreadableMessage(Exception):
    """The record is poison: it is not JSON, its type or version is unknown, or its fields do not fit. ``reason`` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownType(UnreadableMessage):
    """It has a type that this version does not know. A newer version may have written it."""


class Codec(Generic[M]):
    """Decodes one topic's union of messages. Upcasts older versions and ignores unknown fields."""

    def __init__(self, union: type[M] | object) -> None:
        self._decoder: msgspec.json.Decoder[M] = msgspec.json.Decoder(union, float_hook=number)
        self._known = {type_of(each) for each in message_types(union)}

    def decode(self, value: bytes | None) -> M:
        if value is None:
            raise UnreadableMessage("the record has no value")
        if is_deeper(value):
            raise UnreadableMessage(f"the JSON is nested deeper than {MOST_LEVELS} levels")
        try:
            return self._decoder.decode(value)
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
            return self._decode_older(value, error)

    def _decode_older(self, value: bytes, error: Exception) -> M:
        try:
            fields = msgspec.json.decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as broken:
            raise UnreadableMessage(f"not JSON: {broken}") from broken
        name = fields.get("type") if isinstance(fields, dict) else None
        if not isinstance(name, str):
            # Not even a name: a list, for one, cannot be looked up.
            raise UnreadableMessage(f"it has no type: {str(error)[:_ERROR_CHARS]}") from error
        upcast = UPCASTERS.get(name)
        shown = name[:_NAME_CHARS]
        if upcast is None:
            unreadable = UnreadableMessage if name in self._known else UnknownType
            raise unreadable(f"type {shown!r}: {str(error)[:_ERROR_CHARS]}") from error
        while upcast is not None:
            fields = upcast(fields)
            upcast = UPCASTERS.get(fields["type"])
        try:
            return self._decoder.decode(msgspec.json.encode(fields))
        except msgspec.MsgspecError as still:
            raise UnreadableMessage(f"type {shown!r} after upcasting: {still}") from still


def message_types(union: object) -> tuple[type[Message], ...]:
    """The message classes of a union, or of a single class."""
    from typing import get_args

    return tuple(get_args(union)) or (union,)  # type: ignore[return-value]
