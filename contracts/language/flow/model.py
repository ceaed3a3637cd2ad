"""The flow as written, typed and immutable. These models say what a value must look like. ``semantic`` checks rules between
values, and ``parse`` turns a document into these models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from contracts.language.flow.field import (
    FlowId,
    FlowModel,
    LogLevel,
    Namespace,
    TaskId,
)
from contracts.language.flow.label import Labels
from contracts.language.flow.listener import Listener
from contracts.language.flow.retry import TaggedRetry
from contracts.language.types.input.common import Input
from contracts.language.types.name import DisplayName, DottedId
from contracts.language.types.property import Duration, DynamicDuration, upper


class WorkerGroup(FlowModel):
    key: str
    fallback: Annotated[Literal["FAIL", "WAIT", "CANCEL"], BeforeValidator(upper)] | None = None


class WorkerSelector(FlowModel):
    tags: tuple[str, ...] | str
    fallback: Annotated[Literal["FAIL", "WAIT", "CANCEL"], BeforeValidator(upper)] | None = None


class TaskCache(FlowModel):
    enabled: bool | str
    ttl: DynamicDuration | None = None


class TaskCommon(FlowModel):
    """Properties of every task (docs/language/tasks.md#common). ``runIf`` and ``when`` are one: ``run_if``."""

    id: TaskId
    type: str
    version: str | None = None
    description: str | None = None
    retry: TaggedRetry | None = None
    timeout: DynamicDuration | None = None
    disabled: bool = False
    run_if: str | None = None
    allow_failure: bool = False
    allow_warning: bool = False
    log_level: LogLevel | None = None
    log_to_file: bool = False
    worker_group: WorkerGroup | None = None
    worker_selector: WorkerSelector | None = None
    task_cache: TaskCache | None = None
    assets: object = None
    policy_refs: object = None
    plugin_defaults_ref: object = None


class Task(TaskCommon):
    properties: Mapping[str, object] = Field(default_factory=dict)
    """The type's own properties, merged with plugin defaults, without children."""
    children: Mapping[str, tuple[Task, ...]] = Field(default_factory=dict)
    """By the name of the list: the slot as written (``tasks``, ``then``, ``errors``), or ``slot.case`` in a slot of cases."""
    depends_on: tuple[str, ...] = ()
    """Ids of the siblings that it waits for, in a slot of the shape ``dag``."""
    asks: tuple[Input, ...] = ()
    """What somebody is asked for while it waits, in a slot of the shape ``inputs``."""


class TriggerCommon(FlowModel):
    """Properties of every trigger (docs/language/triggers.md#common)."""

    id: TaskId
    type: str
    version: str | None = None
    description: str | None = None
    disabled: bool = False
    conditions: tuple[Mapping[str, object], ...] = ()
    when: str | None = None
    inputs: Mapping[str, object] = Field(default_factory=dict)
    labels: Labels = ()
    stop_after: tuple[str, ...] = ()
    allow_concurrent: bool = False
    fail_on_trigger_error: bool = False
    log_level: LogLevel | None = None
    log_to_file: bool = False
    worker_group: WorkerGroup | None = None
    worker_selector: WorkerSelector | None = None
    assets: object = None
    policy_refs: object = None


class Trigger(TriggerCommon):
    properties: Mapping[str, object] = Field(default_factory=dict)


class FlowOutput(FlowModel):
    id: DottedId
    type: str
    value: object
    display_name: DisplayName | None = None
    description: str | None = None
    required: bool = True
    item_type: str | None = None


class Concurrency(FlowModel):
    limit: int = Field(ge=1)
    behavior: Annotated[Literal["QUEUE", "CANCEL", "FAIL"], BeforeValidator(upper)] = "QUEUE"


class PluginDefault(FlowModel):
    type: str
    forced: bool = False
    values: Mapping[str, object]


class Sla(FlowModel):
    id: str
    type: Literal["MAX_DURATION", "EXECUTION_ASSERTION"]
    behavior: Literal["CANCEL", "FAIL", "NONE"]
    duration: Duration | None = None
    assert_: str | None = Field(default=None, alias="assert")
    labels: Labels = ()

    @model_validator(mode="after")
    def _complete(self) -> Sla:
        if self.type == "MAX_DURATION" and self.duration is None:
            raise ValueError("MAX_DURATION needs `duration`")
        if self.type == "EXECUTION_ASSERTION" and self.assert_ is None:
            raise ValueError("EXECUTION_ASSERTION needs `assert`")
        return self


class Check(FlowModel):
    condition: str | None = None
    when: str | None = None
    message: str
    style: Literal["ERROR", "SUCCESS", "WARNING", "INFO"] = "INFO"
    behavior: Literal["BLOCK_EXECUTION", "FAIL_EXECUTION", "CREATE_EXECUTION"] = "BLOCK_EXECUTION"


class FlowHeader(FlowModel):
    """All top-level keys (docs/language/flows.md#document) except the lists of tasks, triggers and inputs."""

    id: FlowId
    namespace: Namespace
    revision: int | None = None
    description: str | None = None
    labels: Labels = ()
    variables: Mapping[str, object] = Field(default_factory=dict)
    listeners: tuple[Mapping[str, object], ...] = ()
    plugin_defaults: tuple[PluginDefault, ...] = ()
    concurrency: Concurrency | None = None
    outputs: tuple[FlowOutput, ...] = ()
    retry: TaggedRetry | None = None
    sla: tuple[Sla, ...] = ()
    checks: tuple[Check, ...] = ()
    quotas: object = None
    worker_group: WorkerGroup | None = None
    worker_selector: WorkerSelector | None = None
    policy_refs: object = None
    disabled: bool = False
    deleted: bool = False
    tenant_id: str | None = None


class Hearing(Listener):
    """A listener with its tasks."""

    tasks: tuple[Task, ...] = ()


class Flow(FlowHeader):
    inputs: tuple[Input, ...] = ()
    tasks: tuple[Task, ...] = ()
    errors: tuple[Task, ...] = ()
    finally_: tuple[Task, ...] = ()
    after_execution: tuple[Task, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    hearing: tuple[Hearing, ...] = ()
    """The ``listeners``, read."""
