"""Flows, their revisions, and the results of validation."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from contracts.language.flow.violation import ViolationKind
from services.web.document.schema.base import Instant, JsonMap, Label, OpenShape, Shape


class Task(OpenShape):
    """A task as written: `id`, `type`, and the properties of its type."""

    id: str
    type: str


class Flow(OpenShape):
    """A flow as stored. The source's other keys (variables, outputs, errors, concurrency, …) appear as written."""

    id: str
    namespace: str
    revision: int
    description: str | None = None
    inputs: list[JsonMap] | None = None
    disabled: bool
    deleted: bool
    labels: list[Label] | None = None
    tasks: list[Any]
    updated: Instant
    exception: str | None = Field(None, description="why the stored source can no longer be read")


class FlowWithSource(Flow):
    source: str | None = Field(None, description="the YAML as it was saved")
    draft: bool | None = None
    tenant_id: str | None = None


class SubflowId(Shape):
    namespace: str
    flow_id: str


class TaskHead(Shape):
    """A task without its properties."""

    id: Any = None
    type: Any = None
    version: Any = None
    tasks: list[TaskHead] | None = None
    subflow_id: SubflowId | None = None


class FlowForExecution(Shape):
    """A flow for a form that executes it, without task bodies."""

    id: str
    namespace: str
    revision: int
    inputs: list[JsonMap]
    disabled: bool
    deleted: bool
    labels: list[Label] | None = None
    tasks: list[TaskHead]
    errors: list[TaskHead]
    finally_: list[TaskHead] = Field(alias="finally")
    after_execution: list[TaskHead]
    triggers: list[TaskHead]
    quotas: list[Any]
    sla: list[Any]
    variables: JsonMap | None = None
    exception: str | None = None


class Match(Shape):
    line: int
    column: int
    text: str


class SourceHit(Shape):
    model: Flow
    fragments: list[str] = Field(description="lines around each hit; the hit is between [mark] and [/mark]")
    namespace: str
    id: str
    editable: bool
    matches: list[Match]


class Finding(Shape):
    kind: ViolationKind
    line: int = Field(description="from 1; 0 if it has no place")
    column: int
    path: str = Field(description="dotted: `tasks[0].type`")
    message: str
    suggestion: str = Field(description="how to fix it; often empty")
    text: str = Field(description="the whole finding in one line, as the command line prints it")


class Validated(Shape):
    """The result of validating one document. A bad flow is not an error of the request."""

    index: int
    namespace: str | None = None
    flow: str | None = None
    constraints: str | None = Field(None, description="the errors; absent if the flow can be saved")
    outdated: bool = Field(description="true if its `revision` is older than the stored one")
    deprecation_paths: list[str]
    warnings: list[str]
    infos: list[str]
    violations: list[Finding] = Field(description="errors first, then warnings and deprecations")


class AssistWanted(Shape):
    source: str
    line: int | None = Field(None, ge=1)
    column: int | None = Field(None, ge=1)


class Completion(Shape):
    label: str
    kind: str = Field(description="key, type, value, id, variable, field, function, filter, test or keyword")
    insert: str = Field(description="what replaces the text from `column` to the cursor")
    column: int
    detail: str
    documentation: str = Field(description="Markdown")
    deprecated: bool


class Diagnostic(Shape):
    line: int
    column: int
    end_column: int = Field(description="behind the last character, in the same line")
    severity: str = Field(description="error, warning or hint")
    kind: str
    message: str
    path: str


class Assistance(Shape):
    """What an editor shows for a text and a place in it."""

    completions: list[Completion]
    hover: str = Field(
        description="what the word at the place means, in Markdown; empty if there is nothing to say"
    )
    diagnostics: list[Diagnostic] = Field(description="errors first, then warnings and deprecations")


class OutdatedTask(Shape):
    task_id: str
    task_type: str
    replacement: str = Field(description="the type to use instead")


class OutdatedFlow(Shape):
    namespace: str
    flow_id: str
    revision: int
    deprecated_tasks: list[OutdatedTask]


class Categories(Shape):
    categories: dict[str, list[str]] = Field(description="expressions without braces, by category")
