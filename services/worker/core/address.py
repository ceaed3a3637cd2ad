"""Where the answers to an attempt go, and whether a worker may answer there. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.address import ReplyTo, address_of, has_usable_key
from contracts.topics import REPLY_TOPICS
from contracts.work import RunAttempt, StopAttempt


@dataclass(frozen=True, slots=True)
class Address:
    to: ReplyTo
    refusal: str = ""
    """Not empty: the attempt asks for answers elsewhere. It must not run, and ``to`` learns of it instead."""


def answers_of(message: RunAttempt | StopAttempt) -> Address:
    asked = address_of(message.reply_to, message.execution_id)
    if asked.topic not in REPLY_TOPICS:
        allowed = ", ".join(sorted(REPLY_TOPICS))
        reason = f"no answer may go to topic `{asked.topic[:200]}`: `reply_to` names one of {allowed}"
    elif not has_usable_key(asked):
        reason = "no answer can have this key: `reply_to` needs 1 to 1,000 printable characters"
    else:
        return Address(asked)
    return Address(address_of(None, message.execution_id), reason)
