"""A record for the topic ``dead``: one that cannot be read or decided, with the reason and its coordinates."""

from __future__ import annotations

import base64

import msgspec

from contracts.codec import encode
from contracts.message import Message

VALUE_BYTES = 200_000
"""A letter holds so much of its record's value. A longer value is cut."""
_KEY_BYTES = 1_000
_REASON_CHARS = 2_000


class DeadLetter(Message, frozen=True, kw_only=True, tag="dead.letter.v1"):
    topic: str
    partition: int
    offset: int
    reason: str
    key: str = ""
    value: str = ""
    """The record's value, cut at 200 kB. It is text if the bytes are UTF-8, else ``base64:`` and base64."""


def dead_letter(  # noqa: PLR0913 - a record's coordinates
    topic: str, partition: int, offset: int, reason: str, key: bytes | None, value: bytes
) -> bytes:
    """Encode a dead letter. It is always small enough to be sent."""
    return encode(
        DeadLetter(
            topic=topic,
            partition=partition,
            offset=offset,
            reason=reason[:_REASON_CHARS].encode(errors="replace").decode(),
            key=_text((key or b"")[:_KEY_BYTES]),
            value=_text(value[:VALUE_BYTES]),
        )
    )


def _text(raw: bytes) -> str:
    """Return bytes as text. If JSON would make the text much longer (a control character takes six bytes), use base64."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return _base64(raw)
    return text if len(encode(text)) <= 2 * len(raw) + 2 else _base64(raw)


def _base64(raw: bytes) -> str:
    return "base64:" + base64.b64encode(raw).decode()


decode_dead_letter = msgspec.json.Decoder(DeadLetter).decode
