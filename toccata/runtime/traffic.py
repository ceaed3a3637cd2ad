"""Counts of this process's traffic with Kafka, for the page of metrics. What an execution costs is mostly this."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Traffic:
    produces: int = 0
    fetches: int = 0
    partitions_asked: int = 0
    """Partitions that fetch requests named."""
    partitions_answered: int = 0
    records_sent: int = 0
    """Again for each repetition."""
    records_received: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)
    """By topic: records that a tail could not take."""


TRAFFIC = Traffic()
