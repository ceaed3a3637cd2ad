"""Where the answers to an attempt go: each attempt says it itself, so that its asker need not be an execution."""

from __future__ import annotations

import msgspec

OUTCOMES = "executions.reports"
"""The topic of answers that have no address of their own. Their key is the execution id. Dispatch answers there, too: so what a
worker said before it was given up is read first."""
_KEY_CHARS = 1_000


class ReplyTo(msgspec.Struct, frozen=True, array_like=True):
    """The topic (without the prefix) and the key of each answer."""

    topic: str
    key: str


def address_of(reply_to: ReplyTo | None, execution_id: str) -> ReplyTo:
    """Return where an answer goes. Records of before have no address: their answers go to the execution."""
    return reply_to if reply_to is not None else ReplyTo(OUTCOMES, execution_id)


def has_usable_key(reply_to: ReplyTo) -> bool:
    """Whether a line of text can hold the key, as a spool does."""
    return 0 < len(reply_to.key) <= _KEY_CHARS and reply_to.key.isprintable()
