"""What a flowable knows from its start on."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.scalars import JsonObject


@dataclass(frozen=True, slots=True)
class Opening:
    outputs: JsonObject = field(default_factory=dict)
    values: list[str] | None = None
    """Of a loop."""
    body: tuple[str, ...] = ()


NOTHING = Opening()
