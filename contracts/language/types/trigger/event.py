"""``core.trigger.Event``: an execution for every matching event on a Kafka topic."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from contracts.language.types.declaration import TriggerType
from contracts.language.types.property import Properties, static


class Event(Properties):
    """Starts an execution for each CloudEvent that matches all that is given, once for its source and id.

    ``when`` may look at ``trigger.type``, ``source``, ``subject``, ``id``, ``time``, ``data`` and ``headers``."""

    topic: str | None = static(
        None,
        doc="a Kafka topic instead of `events`; plain JSON is accepted there, its coordinates being its identity",
        min_length=1,
        max_length=249,
        pattern=r"^[a-zA-Z0-9._-]+$",
    )
    event_type: str | None = static(None, doc="glob for the type: order.created, order.*")
    source: str | None = static(None, doc="glob for the source")
    subject: str | None = static(None, doc="glob for the subject")


class EventOutputs(BaseModel):
    type: str
    source: str
    subject: str | None = None
    id: str
    time: str
    data: Any = None
    headers: dict[str, str]


EVENT = TriggerType(
    name="io.toccata.plugin.core.trigger.Event",
    title="Start executions by events",
    properties=Event,
    outputs=EventOutputs,
    examples=(
        """id: large_order
type: io.toccata.plugin.core.trigger.Event
eventType: order.created
source: /shop/*
when: "{{ trigger.data.amount > 100 }}"
inputs:
  order: "{{ trigger.data.id }}\"""",
    ),
    started_by="engine",
)
