"""Which partitions cannot be read now, and when to try them again. It is pure: callers give the time, in seconds."""

from __future__ import annotations

from dataclasses import dataclass

from toccata.runtime.cluster import TopicPartition
from toccata.runtime.log import get_logger

log = get_logger()
PATIENCE_SECONDS = 2.0
"""If no partition can be read for this long, there is no use in going on."""
_RETRY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0)


@dataclass(slots=True)
class _Trouble:
    since: float
    reason: str = ""
    failures: int = 0
    until: float = 0.0
    away: bool = False


class Troubles:
    """The others go on meanwhile."""

    def __init__(self) -> None:
        self._by_partition: dict[TopicPartition, _Trouble] = {}

    def __len__(self) -> int:
        return len(self._by_partition)

    def __contains__(self, partition: TopicPartition) -> bool:
        return partition in self._by_partition

    def clear(self) -> None:
        self._by_partition.clear()

    def note(self, partition: TopicPartition, reason: str, now: float, *, away: bool = False) -> None:
        """Remember a failed attempt. ``away``: the broker did not answer at all."""
        trouble = self._by_partition.setdefault(partition, _Trouble(now))
        trouble.reason, trouble.away = reason, away
        trouble.until = now + _RETRY_SECONDS[min(trouble.failures, len(_RETRY_SECONDS) - 1)]
        trouble.failures += 1
        if trouble.failures == len(_RETRY_SECONDS) and not away:
            log.warning("partition_unreadable", topic=partition[0], partition=partition[1], reason=reason)

    def over(self, partition: TopicPartition) -> None:
        trouble = self._by_partition.pop(partition, None)
        if trouble is not None and trouble.failures >= len(_RETRY_SECONDS):
            log.info("partition_readable_again", topic=partition[0], partition=partition[1])

    def may_try(self, partition: TopicPartition, now: float) -> bool:
        trouble = self._by_partition.get(partition)
        return trouble is None or trouble.until <= now

    def next_try(self, now: float, before: float) -> float:
        """Return when a partition is to be tried again, at most ``before``."""
        later = [trouble.until for trouble in self._by_partition.values() if trouble.until > now]
        return min([before, *later])

    def hopeless(self, partitions: int, now: float) -> str | None:
        """Return the reason if all of that many partitions are in trouble, and waiting is of no use."""
        if not partitions or len(self._by_partition) < partitions:
            return None
        troubles = self._by_partition.values()
        if not all(t.away for t in troubles) and any(now - t.since < PATIENCE_SECONDS for t in troubles):
            return None
        ((topic, number), trouble), *_ = self._by_partition.items()
        return f"{topic}/{number}: {trouble.reason}"
