"""Executions with their task runs, and the answers to starting, validating and acting on them."""

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
    duration: str = Field(description="ISO 8601; until now if it still runs")
    start_date: Instant
    end_date: Instant | None = None


class Attempt(Shape):
    state: StateView
    worker_id: str | None = None
    log_file: str | None = Field(None, description="where its log is, if `logToFile` was set")


class TaskRun(Shape):
    id: str
    execution_id: str
    namespace: str
    flow_id: str
    task_id: str
    parent_task_run_id: str | None = None
    value: str | None = Field(None, description="value of the loop's iteration")
    iteration: int | None = None
    attempts: list[Attempt] | None = None
    outputs: JsonMap | None = Field(
        None, description="absent if they are large; read them at their own address"
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
    """An execution as an item of a list, without task runs."""

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


class LabelledExecutions(Shape):
    executions_id: list[str]
    execution_labels: list[Label]


class TaskRunState(Shape):
    task_run_id: str
    state: State = Field(description="a terminal state")


class LatestExecution(Shape):
    id: str
    flow_id: str
    namespace: str
    start_date: Instant
    end_date: Instant | None = None
    status: State


class InputError(Shape):
    message: str
    render_error: bool = Field(description="true if an expression of the flow failed, not the given value")


class FailingCheck(Shape):
    message: str
    style: Literal["ERROR", "SUCCESS", "WARNING", "INFO"]
    behavior: Literal["BLOCK_EXECUTION", "FAIL_EXECUTION", "CREATE_EXECUTION"]


class ValidatedInput(Shape):
    input: JsonMap = Field(description="the input as the flow declares it")
    value: Any = None
    enabled: bool
    is_default: bool
    errors: list[InputError]


class ValidatedInputs(Shape):
    id: str
    namespace: str
    inputs: list[ValidatedInput]
    checks: list[FailingCheck] = Field(description="the checks of the flow that do not hold")


class OutputsEntry(Shape):
    task_id: str
    task_run_id: str
    value: str | None = None
    iteration: int | None = None
    inline: bool = Field(description="false if the outputs are in a file, whose address is given instead")


class Evaluated(Shape):
    result: str | None = None
    error: str | None = Field(None, description="the error of the expression; there is no result then")
    stack_trace: str | None = Field(None, description="the same as the error, where Kestra has its own trace")


class RenderWanted(Shape):
    expressions: list[str] = Field(max_length=500)
    execution_id: str | None = None
    task_run_id: str | None = Field(None, description="of the execution")
    flow: str | None = Field(None, description="the source of a flow")
    namespace: str | None = None
    flow_id: str | None = None


class Rendered(Shape):
    rendered: dict[str, str]


class FileSize(Shape):
    size: int = Field(description="size in bytes")


class FilePreview(Shape):
    extension: str = Field(description="extension of the file's name, without the dot")
    type: Literal["TEXT", "LIST", "IMAGE", "MARKDOWN", "PDF"]
    content: Any = Field(description="text, rows of a LIST, or base64 of an IMAGE or a PDF")
    max_line: int | None = Field(None, description="the limit of lines or rows")
    truncated: bool = Field(description="true if the file has more")


class AverageDuration(Shape):
    avg_duration_ms: int | None = Field(None, description="milliseconds; absent if none has ended")
    count: int = Field(description="number of executions that were read")
