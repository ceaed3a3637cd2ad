"""Takes the records of a tail. One that cannot be taken is passed over, and the log says where it is; the process lives on.

A tail decides nothing and keeps no offset: the next process reads the record again. So there is nothing to bury here. What must not
be lost of a record is the matter of its processor, or of the indexer, which bury what they cannot read.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable

from contracts.codec import UnreadableMessage
from toccata.runtime.fetch import Fetched
from toccata.runtime.log import get_logger
from toccata.runtime.traffic import TRAFFIC

log = get_logger()


def take_each(records: Iterable[Fetched], take: Callable[[Fetched], None]) -> None:
    """Take them in order. Never raises."""
    for record in records:
        try:
            take(record)
        except UnreadableMessage as unreadable:
            _pass_over(record, unreadable.reason)
        except Exception:  # noqa: BLE001 - a bug in what follows the topic must not end all that the process does
            _pass_over(record, traceback.format_exc())


def _pass_over(record: Fetched, reason: str) -> None:
    TRAFFIC.passed_over[record.topic] += 1
    log.error(
        "record_passed_over",
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        reason=reason,
    )
