"""Sends commands to the registry and the trigger-listener, many in one batch, and waits for their answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from contracts.message import Message
from contracts.reply import Reply
from services.web.core.problem import Problem, timed_out, unavailable
from services.web.ports import Log, Replies
from toccata.runtime.errors import RecordTooLarge

REPLY_SECONDS = 10.0
Request = tuple[str, str, Message]
"""The id, the key of the record, and the command, which carries the id and ``reply_to``."""


async def ask(topic: str, log: Log, replies: Replies, requests: Sequence[Request], who: str) -> list[Reply]:
    """One reply for each command, in order. ``who`` answers. Raises Problem 413 if a command is too large, 503 if Kafka was
    not reached yet, and 504 without an answer in time."""
    if not replies.ready:
        raise unavailable("Kafka cannot be reached yet")
    with replies.expect([request_id for request_id, _, _ in requests]) as expected:
        try:
            await log.append(topic, [(key, command) for _, key, command in requests])
        except RecordTooLarge as error:
            raise Problem(413, "payload-too-large", f"Payload too large: {error}") from error
        try:
            async with asyncio.timeout(REPLY_SECONDS):
                return await expected.all()
        except TimeoutError:
            raise timed_out(f"The {who} did not answer in time. The change may still be made") from None
