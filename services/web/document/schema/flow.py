"""Flows, their revisions, and what validation says."""

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
    """As stored; the source's other keys (variables, outputs, errors, concurrency, …) as written."""

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
    exception: str | None = Field(None, description="why the stored source cannot be read any more")


class FlowWithSource(Flow):
    source: str | None = Field(None, description="the YAML as it was saved")
    draft: bool | None = None
    tenant_id: str | None = None


class SubflowId(Shape):
    namespace: str
    flow_id: str


class TaskHead(Shape):
    """A task without what it does."""

    id: Any = None
    type: Any = None
    version: Any = None
    tasks: list[TaskHead] | None = None
    subflow_id: SubflowId | None = None


class FlowForExecution(Shape):
    """What a form to execute it needs: no task bodies."""

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
    fragments: list[str] = Field(description="lines around each hit, which stands between [mark] and [/mark]")
    namespace: str
    id: str
    editable: bool
    matches: list[Match]


class Finding(Shape):
    kind: ViolationKind
    line: int = Field(description="from 1; 0: nowhere in particular")
    column: int
    path: str = Field(description="dotted: `tasks[0].type`")
    message: str
    suggestion: str = Field(description="what to do about it; often empty")
    text: str = Field(description="all of it in one line, as the command line prints it")


class Validated(Shape):
    """What validation says of one document. A bad flow is no error of the request."""

    index: int
    namespace: str | None = None
    flow: str | None = None
    constraints: str | None = Field(None, description="what is wrong; absent when it may be saved")
    outdated: bool = Field(description="its `revision` is older than the stored one")
    deprecation_paths: list[str]
    warnings: list[str]
    infos: list[str]
    violations: list[Finding] = Field(description="errors first, then warnings and deprecations")


class OutdatedTask(Shape):
    task_id: str
    task_type: str
    replacement: str = Field(description="the type that takes its place")


class OutdatedFlow(Shape):
    namespace: str
    flow_id: str
    revision: int
    deprecated_tasks: list[OutdatedTask]
