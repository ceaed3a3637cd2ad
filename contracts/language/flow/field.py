"""The building blocks of a flow's models: how fields are read, and the types of fields, such as ids, durations and levels.
A type says what a value must look like. It does not know the models that use it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from contracts.language.expression.presence import has_expression
from contracts.language.types.property import Properties, read_duration, upper


class FlowModel(Properties):
    """A part of a flow that is not a type's properties, but is read by the same rules."""


def _matching(pattern: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise ValueError(f'must match "{pattern}"')
        return text

    return check


def _at_most(longest: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not 1 <= len(text) <= longest:
            raise ValueError(f"size must be between 1 and {longest}")
        return text

    return check


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


def _duration_or_expression(value: object) -> object:
    return value if isinstance(value, str) and has_expression(value) else read_duration(value)


FlowId = Annotated[
    str,
    AfterValidator(_matching(r"^[a-zA-Z0-9][a-zA-Z0-9._-]*")),
    AfterValidator(_at_most(100)),
    AfterValidator(_not_reserved),
]
Namespace = Annotated[str, AfterValidator(_matching(r"^[a-z0-9][a-z0-9._-]*")), AfterValidator(_at_most(150))]
TaskId = Annotated[
    str, AfterValidator(_matching(r"^[a-zA-Z0-9][a-zA-Z0-9_-]*")), AfterValidator(_at_most(256))
]
DottedId = Annotated[
    str, AfterValidator(_matching(r"^[a-zA-Z0-9][.a-zA-Z0-9_-]*")), AfterValidator(_at_most(256))
]
DynamicDuration = Annotated[timedelta | str, BeforeValidator(_duration_or_expression)]
LogLevel = Annotated[Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR"], BeforeValidator(upper)]
DisplayName = Annotated[str, Field(max_length=64)]
