"""A record that cannot be read or decided, with its reason and coordinates, for topic ``dead``."""

from __future__ import annotations

import base64

import msgspec

from contracts.codec import encode
from contracts.message import Message


class DeadLetter(Message, frozen=True, kw_only=True, tag="dead.letter.v1"):
    topic: str
    partition: int
    offset: int
    reason: str
    key: str = ""
    value: str = ""
    """The record's value: text when it is UTF-8, else base64 after ``base64:``; cut at 200 kB."""


def dead_letter(  # noqa: PLR0913 - a record's coordinates
    topic: str, partition: int, offset: int, reason: str, key: bytes | None, value: bytes
) -> bytes:
    return encode(
        DeadLetter(
            topic=topic,
            partition=partition,
            offset=offset,
            reason=reason[:2000],
            key=_text(key or b""),
            value=_text(value),
        )
    )


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return "base64:" + base64.b64encode(raw).decode()


decode_dead_letter = msgspec.json.Decoder(DeadLetter).decode
