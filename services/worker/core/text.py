"""Makes text fit for a log line: bounded, valid, and without secrets. Pure."""

from __future__ import annotations

from collections.abc import Collection

LINE_BYTES = 16 * 1024
MASK = "******"


def bounded(message: str) -> str:
    """Cut to 16 KiB, with a note about it."""
    if len(message) * 4 <= LINE_BYTES or len(raw := message.encode("utf-8", "replace")) <= LINE_BYTES:
        return message
    return raw[:LINE_BYTES].decode("utf-8", "ignore") + f"… [cut, the line has {len(raw)} bytes]"


def redacted(message: str, secrets: Collection[str]) -> str:
    for secret in secrets:
        if secret in message:
            message = message.replace(secret, MASK)
    return message
