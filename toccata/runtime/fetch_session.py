"""What one broker knows of one reader: an incremental fetch session (KIP-227), as values.

Only what changed since the last request travels: new offsets, new partitions, forgotten ones. The broker answers only for
partitions that have news, and lets those wait that were served last. The session never knows connections or clocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from aiokafka.errors import FetchSessionIdNotFound, InvalidFetchSessionEpoch, for_code
from aiokafka.protocol.fetch import FetchRequest_v11

Named: TypeAlias = tuple[str, int]
"""A topic's full name on the broker, and a partition of it."""

_NO_SESSION, _FIRST, _LAST_EPOCH = 0, 0, 2**31 - 1
_ANY_EPOCH = _CONSUMER = -1
_OLD_SESSION = (FetchSessionIdNotFound, InvalidFetchSessionEpoch)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a broker may wait, and how much it may give."""

    wait_ms: int
    """It answers at once if there is a record."""
    bytes: int = 8 * 1024 * 1024
    partition_bytes: int = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """A broker's answer for one partition."""

    partition: Named
    code: int
    high: int
    """The offset after the partition's last record."""
    data: bytes


class SessionFetch:
    """A request as aiokafka's connection takes it. Version 11 is the last one that names topics by their names."""

    def __init__(self, named: int, *fields: Any) -> None:
        self.named = named
        """How many partitions it names."""
        self.fields = fields

    def prepare(self, _versions: Mapping[int, tuple[int, int]]) -> FetchRequest_v11:
        return FetchRequest_v11(*self.fields)


class FetchSession:
    """Its requests and answers alternate. After a request without an answer, call ``restart``."""

    def __init__(self) -> None:
        self._id = _NO_SESSION
        self._epoch = _FIRST
        self.asked: dict[Named, int] = {}
        """The offsets that the broker will answer for."""

    def restart(self) -> None:
        """Let the next request name everything. The broker drops the old session then."""
        self._epoch = _FIRST

    def request(self, wanted: Mapping[Named, int], bounds: Bounds) -> SessionFetch:
        """Return the request for these partitions and offsets. In the first one of a session, their order is their turn."""
        whole = self._epoch == _FIRST
        known = {} if whole else self.asked
        news = [(p, offset) for p, offset in wanted.items() if known.get(p) != offset]
        forgotten = [p for p in known if p not in wanted]
        self.asked = dict(wanted)
        return SessionFetch(
            len(news) + len(forgotten),
            _CONSUMER,
            bounds.wait_ms,
            1,
            bounds.bytes,
            0,
            self._id,
            self._epoch,
            _by_topic(
                (name, (number, _ANY_EPOCH, offset, -1, bounds.partition_bytes))
                for (name, number), offset in news
            ),
            _by_topic(forgotten),
            "",
        )

    def answered(self, response: Any) -> list[Answer] | None:
        """Take the broker's response. None: the broker forgot the session, so ask again. Raise KafkaError if it refused."""
        if response.error_code:
            self.restart()
            error = for_code(response.error_code)
            if error is FetchSessionIdNotFound:
                self._id = _NO_SESSION
            if error in _OLD_SESSION:
                return None
            raise error(f"fetching: {error.__name__}")
        answers = [
            Answer((name, number), code, high, rest[-1] or b"")
            for name, partitions in response.topics
            for number, code, high, *rest in partitions
        ]
        self._advance(response.session_id, {answer.partition for answer in answers})
        return answers

    def _advance(self, session_id: int, seen: set[Named]) -> None:
        whole, named = self._epoch == _FIRST, self.asked.keys()
        # A broker without room for another session gives none. Then each request is a whole one.
        agrees = seen == named if whole else seen <= named
        self._epoch = self._epoch % _LAST_EPOCH + 1 if session_id and agrees else _FIRST
        self._id = session_id


def _by_topic(entries: Iterable[tuple[str, Any]]) -> list[tuple[str, list[Any]]]:
    """Group by topic. The wire needs it; the order of topics and of partitions in them stays."""
    grouped: dict[str, list[Any]] = {}
    for name, entry in entries:
        grouped.setdefault(name, []).append(entry)
    return list(grouped.items())
