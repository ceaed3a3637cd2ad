"""Triggers, their states and their backfills."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.web.document.schema.base import Instant, JsonMap, Label, OpenShape, Shape


class TriggerKey(OpenShape):
    namespace: str
    flow_id: str
    trigger_id: str


class TriggerSwitch(TriggerKey):
    disabled: bool = False


class TriggerSwitches(Shape):
    triggers: list[TriggerKey]
    disabled: bool


class NewBackfill(OpenShape):
    start: Instant = Field(description="the first instant; a date of the schedule at it runs, too")
    end: Instant | None = Field(None, description="the last instant; default: now")
    inputs: JsonMap | None = Field(None, description="instead of those of the trigger with these names")
    labels: list[Label] | None = Field(
        None, description="besides those of the trigger; also as an object of keys and values"
    )


class TriggerBackfill(TriggerKey):
    backfill: NewBackfill


class TriggerChange(TriggerSwitch):
    backfill: NewBackfill | None = None


class TriggerFilters(OpenShape):
    filters: list[JsonMap] = Field(
        description="each with `field`, `operation` and `value`, or with `logical` and `children`"
    )


class Backfill(Shape):
    start: Instant
    end: Instant
    current_date: Instant | None = Field(None, description="the next date that it runs")
    paused: bool
    inputs: JsonMap
    labels: list[Label]
    previous_next_execution_date: Instant | None = Field(
        None, description="the date with which the schedule goes on"
    )


class TriggerState(Shape):
    """The state of a trigger, with the names of both generations."""

    tenant_id: str
    namespace: str
    flow_id: str
    trigger_id: str
    kind: Literal["SCHEDULE", "POLLING", "REALTIME"]
    disabled: bool
    locked: bool
    updated_at: Instant
    updated_date: Instant
    date: Instant
    evaluated_at: Instant | None = None
    last_triggered_date: Instant | None = None
    next_evaluation_date: Instant | None = None
    next_execution_date: Instant | None = None
    execution_id: str | None = Field(None, description="the execution that locks it")
    evaluate_running_date: Instant | None = Field(None, description="when the poll began that is out")
    worker_id: str | None = Field(None, description="the worker that polled last")
    problem: str | None = Field(
        None, description="why the last poll failed, or why the trigger never starts anything"
    )
    backfill: Backfill | None = None


class TriggerItem(Shape):
    trigger: JsonMap = Field(description="the trigger as the flow declares it")
    abstract_trigger: JsonMap
    state: TriggerState
    trigger_context: TriggerState
