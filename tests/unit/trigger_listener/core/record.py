"""A Kafka record, as a reader of topics returns it."""

from __future__ import annotations

from dataclasses import dataclass, field

HEADERS = {
    "ce_specversion": "1.0",
    "ce_id": "o-1",
    "ce_type": "order.created",
    "ce_source": "/shop/berlin",
    "ce_time": "2026-03-01T08:15:30.120Z",
    "ce_subject": "orders/1",
    "content-type": "application/json",
}


@dataclass
class Record:
    value: bytes | None = b'{"amount": 12}'
    topic: str = "events"
    headers: list[tuple[str, bytes]] = field(
        default_factory=lambda: [(name, text.encode()) for name, text in HEADERS.items()]
    )
    partition: int = 3
    offset: int = 42
    timestamp_ms: int = 1_772_352_930_000
    key: bytes | None = None
