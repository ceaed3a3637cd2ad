"""The properties of the flowable types that the executor's core runs (flow-language section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from contracts.language.flow.catalog import FOR_EACH, IF, PARALLEL, SEQUENTIAL
from contracts.language.flow.field import FlowModel


class Sequential(FlowModel):
    pass


class Parallel(FlowModel):
    concurrent: Annotated[int, Field(ge=0)] = 0
    """Most children at once; 0 = all."""
    on_child_failure: Annotated[
        Literal["CONTINUE", "CANCEL", "FAIL"],
        BeforeValidator(lambda value: value.upper() if isinstance(value, str) else value),
    ] = "FAIL"


def _as_condition(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


class If(FlowModel):
    condition: Annotated[str, BeforeValidator(_as_condition)]


class ForEach(FlowModel):
    values: list[object] | str
    concurrency_limit: Annotated[int, Field(ge=0)] = 1
    """Most values at once; 0 = all."""


FlowableProperties: TypeAlias = Sequential | Parallel | If | ForEach

FLOWABLE_MODELS: Mapping[str, type[FlowableProperties]] = {
    SEQUENTIAL: Sequential,
    PARALLEL: Parallel,
    IF: If,
    FOR_EACH: ForEach,
}
