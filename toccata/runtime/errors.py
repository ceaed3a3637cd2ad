"""Five families of errors. They differ in how a shell reacts.

ToccataError
├── Transient   the broker or database is away, the outcome is unknown: back off and try again, for ever, and log it
├── Poison      a record that cannot be decoded or decided: write a dead letter with coordinates, then go on
├── Refused     a caller's mistake: answer 4xx in web, write an event or a reply elsewhere
├── Damaged     a partition's log lacks records or cannot be read: that partition stops and says so, all others go on
└── Fatal       an invariant is broken or a schema is wrong: log once and exit non-zero; the log is intact
"""

from __future__ import annotations


class ToccataError(Exception):
    """The base of our errors. Never raised itself."""


class Transient(ToccataError):
    """It may work later. The outcome of an append is unknown."""


class Poison(ToccataError):
    """This record will never work."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RecordTooLarge(Poison):
    """A record is over the hard limit. Our producer refuses it before Kafka would."""


class Refused(ToccataError):
    """The caller asked for something impossible."""


class StorageRefused(Refused):
    """A bad URI, a path that leaves the store, or no such file. The text is for people."""


class Damaged(ToccataError):
    """A partition's log lacks records, or has some that cannot be read. Nothing is decided on what is left."""

    def __init__(self, processor: str, partition: int, offset: int, what: str) -> None:
        self.partition, self.offset = f"{processor}/{partition}", offset
        super().__init__(f"{self.partition}: {what}")


class Fatal(ToccataError):
    """Going on would make things worse."""


class Fenced(Fatal):
    """Another owner wrote to our journal. Step down and read it again."""
