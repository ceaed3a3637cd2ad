"""The building blocks of a flow's models: how fields are read, and the types of fields, such as ids, durations and levels.
A type says what a value must look like. It does not know the models that use it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator

from contracts.language.types.name import at_most, matching
from contracts.language.types.property import Properties, upper


class FlowModel(Properties):
    """A part of a flow that is not a type's properties, but is read by the same rules."""


RESERVED_FLOW_IDS = frozenset(
    [
        "pause",
        "resume",
        "force-run",
        "change-status",
        "kill",
        "executions",
        "search",
        "source",
        "disable",
        "enable",
    ]
)


def _not_reserved(flow_id: str) -> str:
    if flow_id in RESERVED_FLOW_IDS:
        raise ValueError(f"`{flow_id}` is a reserved flow id, choose another one")
    return flow_id


FlowId = Annotated[
    str,
    AfterValidator(matching(r"^[a-zA-Z0-9][a-zA-Z0-9._-]*")),
    AfterValidator(at_most(100)),
    AfterValidator(_not_reserved),
]
Namespace = Annotated[str, AfterValidator(matching(r"^[a-z0-9][a-z0-9._-]*")), AfterValidator(at_most(150))]
TaskId = Annotated[str, AfterValidator(matching(r"^[a-zA-Z0-9][a-zA-Z0-9_-]*")), AfterValidator(at_most(256))]
LogLevel = Annotated[Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR"], BeforeValidator(upper)]
