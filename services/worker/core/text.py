"""Makes text fit for a log line: in bounded parts, valid, and without secrets. Pure."""

from __future__ import annotations

from collections.abc import Collection

LINE_BYTES = 16 * 1024
MASK = "******"
SHORTEST_PART = 8
"""A shorter line of a secret may be a common word."""


def parts(message: str) -> list[str]:
    """Split into lines of at most 16 KiB, which together are the message."""
    if len(message) * 4 <= LINE_BYTES or len(message.encode("utf-8", "replace")) <= LINE_BYTES:
        return [message]
    most = LINE_BYTES if message.isascii() else LINE_BYTES // 4
    return [message[at : at + most] for at in range(0, len(message), most)]


def hidden_parts(secret: str) -> list[str]:
    """Return what no log may show of a secret: all of it, and its longer lines, because each line of a log comes alone."""
    lines = [line for line in secret.splitlines() if len(line) >= SHORTEST_PART]
    return [part for part in dict.fromkeys([secret, *lines]) if part]


def redacted(message: str, secrets: Collection[str]) -> str:
    for secret in secrets:
        if secret in message:
            message = message.replace(secret, MASK)
    return message
