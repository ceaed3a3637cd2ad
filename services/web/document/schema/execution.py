"""Executions with their task runs, and what starting, validating and acting on them answer."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from contracts.states import State
from services.web.document.schema.base import Instant, JsonMap, Label, Shape


class Place(Shape):
    state: State
    date: Instant


class StateView(Shape):
    current: State
    histories: list[Place]
    duration: str = Field(description="ISO 8601; of one that runs: until now")
    start_date: Instant
    end_date: Instant | None = None


class Attempt(Shape):
    state: StateView
    worker_id: str | None = None


class TaskRun(Shape):
    id: str
    execution_id: str
    namespace: str
    flow_id: str
    task_id: str
    parent_task_run_id: str | None = None
    value: str | None = Field(None, description="of the loop's iteration")
    iteration: int | None = None
    attempts: list[Attempt] | None = None
    outputs: JsonMap | None = Field(
        None, description="absent when they are large: read them at their own address"
    )
    state: StateView


class TriggerRef(Shape):
    id: str
    type: str
    variables: JsonMap


class Metadata(Shape):
    attempt_number: int
    original_created_date: Instant


class ExecutionLine(Shape):
    """An execution as an item of a list: without task runs."""

    tenant_id: str
    id: str
    namespace: str
    flow_id: str
    flow_revision: int
    inputs: JsonMap | None = None
    outputs: JsonMap | None = None
    labels: list[Label]
    state: StateView
    parent_id: str | None = None
    original_id: str
    trigger: TriggerRef | None = None
    deleted: bool
    schedule_date: Instant | None = None
    trace_parent: str | None = None
    kind: str


class Execution(ExecutionLine):
    task_run_list: list[TaskRun]
    variables: JsonMap | None = None
    metadata: Metadata


class StartedExecution(Execution):
    url: str = Field(description="where people see it")


class WebhookExecution(ExecutionLine):
    url: str = Field(description="where people see it")


class LatestExecution(Shape):
    id: str
    flow_id: str
    namespace: str
    start_date: Instant
    status: State


class InputError(Shape):
    message: str


class ValidatedInput(Shape):
    input: JsonMap = Field(description="as declared by the flow")
    value: Any = None
    enabled: bool
    is_default: bool
    errors: list[InputError]


class ValidatedInputs(Shape):
    id: str
    namespace: str
    inputs: list[ValidatedInput]
    checks: list[Any]


class OutputsEntry(Shape):
    task_id: str
    task_run_id: str
    value: str | None = None
    iteration: int | None = None
    inline: bool = Field(description="false: they are in a file; its address is given instead")


class Evaluated(Shape):
    result: str | None = None
    error: str | None = Field(None, description="what is wrong with the expression; there is no result then")


class FileSize(Shape):
    size: int = Field(description="in bytes")


class FilePreview(Shape):
    extension: str = Field(description="of the file's name, without the dot")
    type: Literal["TEXT", "LIST", "IMAGE", "MARKDOWN", "PDF"]
    content: Any = Field(description="text; rows of a LIST; base64 of an IMAGE or a PDF")
    max_line: int | None = Field(None, description="lines or rows that were given at most")
    truncated: bool = Field(description="there is more of it")


class AverageDuration(Shape):
    avg_duration_ms: int | None = Field(None, description="milliseconds; absent where none has ended")
    count: int = Field(description="so many were looked at")
