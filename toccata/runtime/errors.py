"""Four families of errors, told apart by what a shell does about them.

ToccataError
├── Transient   broker or database away, outcome unknown: back off, try again, for ever, visibly
├── Poison      a record that cannot be decoded or decided: dead letter with coordinates, then go on
├── Refused     a caller's mistake: 4xx in web, an event or a reply elsewhere
└── Fatal       broken invariant or wrong schema: log once, exit non-zero; the log is intact
"""

from __future__ import annotations


class ToccataError(Exception):
    """The base of all of ours; never raised itself."""


class Transient(ToccataError):
    """It may work later. For appends: the outcome is unknown."""


class Poison(ToccataError):
    """This record will never work."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RecordTooLarge(Poison):
    """A record over the hard limit, refused by our own producer before Kafka would."""


class Refused(ToccataError):
    """The caller asked for something that cannot be."""


class StorageRefused(Refused):
    """A bad URI, a path that leaves the store, or no such file. The text is for people."""


class Fatal(ToccataError):
    """Going on would make things worse."""


class Fenced(Fatal):
    """Another owner wrote to a journal that we thought ours: step down and read again."""
