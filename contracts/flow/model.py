"""The flow as written, typed and immutable. What a value must look like stands here; what must hold between values
stands in ``semantic``; how a document becomes these models in ``parse``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from contracts.flow.duration import parse_duration


class FlowModel(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        coerce_numbers_to_str=True,
    )


def is_expression(text: str) -> bool:
    return "{{" in text or "{%" in text


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


def _duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else _refuse_number(value)


def _duration_or_expression(value: object) -> object:
    return value if isinstance(value, str) and is_expression(value) else _duration(value)


def _refuse_number(value: object) -> object:
    if isinstance(value, (int, float)):
        raise ValueError(f"must be an ISO-8601 duration such as PT{abs(value)}S, not a number")  # noqa: TRY004 - pydantic reports ValueError only
    return value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


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
Duration = Annotated[timedelta, BeforeValidator(_duration)]
DynamicDuration = Annotated[timedelta | str, BeforeValidator(_duration_or_expression)]
LogLevel = Annotated[Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR"], BeforeValidator(_upper)]
DisplayName = Annotated[str, Field(max_length=64)]


class Label(FlowModel):
    key: str
    value: str


def label_pairs(value: object) -> object:
    """Both written forms as a list of pairs; scalars become text."""
    if isinstance(value, Mapping):
        return [{"key": str(key), "value": _label_text(str(key), each)} for key, each in value.items()]
    if isinstance(value, list):
        return [
            {**each, "value": _label_text(str(each.get("key")), each["value"])}
            if isinstance(each, Mapping) and "value" in each
            else each
            for each in value
        ]
    return value


def _label_text(key: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)) and value != "":
        return str(value)
    raise ValueError(f"label `{key}` needs a text, a number or a boolean that is not empty")


Labels = Annotated[tuple[Label, ...], BeforeValidator(label_pairs)]


class BaseRetry(FlowModel):
    max_attempts: int | None = Field(default=None, ge=1, alias="maxAttempts")
    max_duration: Duration | None = None
    warning_on_retry: bool = False
    behavior: Annotated[Literal["RETRY_FAILED_TASK", "CREATE_NEW_EXECUTION"], BeforeValidator(_upper)] = (
        "RETRY_FAILED_TASK"
    )

    @model_validator(mode="before")
    @classmethod
    def _old_name(cls, value: object) -> object:
        if isinstance(value, Mapping) and "maxAttempt" in value:
            if "maxAttempts" in value:
                raise ValueError("`maxAttempt` is the old name of `maxAttempts`: write one of them")
            return {("maxAttempts" if key == "maxAttempt" else key): each for key, each in value.items()}
        return value


class ConstantRetry(BaseRetry):
    type: Literal["constant"] = "constant"
    interval: Duration

    @model_validator(mode="after")
    def _ordered(self) -> ConstantRetry:
        _less("interval", self.interval, "maxDuration", self.max_duration)
        return self


class ExponentialRetry(BaseRetry):
    type: Literal["exponential"] = "exponential"
    interval: Duration
    max_interval: Duration
    delay_factor: float = Field(default=2.0, gt=0, le=1_000_000, allow_inf_nan=False)

    @model_validator(mode="after")
    def _ordered(self) -> ExponentialRetry:
        _less("interval", self.interval, "maxDuration", self.max_duration)
        _less("interval", self.interval, "maxInterval", self.max_interval)
        return self


class RandomRetry(BaseRetry):
    type: Literal["random"] = "random"
    min_interval: Duration
    max_interval: Duration

    @model_validator(mode="after")
    def _ordered(self) -> RandomRetry:
        _less("minInterval", self.min_interval, "maxInterval", self.max_interval)
        _less("minInterval", self.min_interval, "maxDuration", self.max_duration)
        return self


def _less(name: str, value: timedelta, bound_name: str, bound: timedelta | None) -> None:
    if value <= timedelta(0):
        raise ValueError(f"`{name}` must be more than PT0S")
    if bound is not None and value >= bound:
        raise ValueError(f"`{name}` must be less than `{bound_name}`")


Retry: TypeAlias = ConstantRetry | ExponentialRetry | RandomRetry
TaggedRetry = Annotated[Retry, Field(discriminator="type")]


class WorkerGroup(FlowModel):
    key: str
    fallback: Annotated[Literal["FAIL", "WAIT", "CANCEL"], BeforeValidator(_upper)] | None = None


class WorkerSelector(FlowModel):
    tags: tuple[str, ...] | str
    fallback: Annotated[Literal["FAIL", "WAIT", "CANCEL"], BeforeValidator(_upper)] | None = None


class TaskCache(FlowModel):
    enabled: bool | str
    ttl: DynamicDuration | None = None


class TaskCommon(FlowModel):
    """What every task accepts (flow-language 2.1). ``runIf`` and ``when`` are one: ``run_if``."""

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
    """What only this type knows, plugin defaults merged, children left out."""
    children: Mapping[str, tuple[Task, ...]] = Field(default_factory=dict)
    """By the name of the slot as written: ``tasks``, ``then``, ``else``, ``errors``, ``finally``."""


class TriggerCommon(FlowModel):
    """What every trigger accepts (flow-language 8.1)."""

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


class DependsOn(FlowModel):
    inputs: tuple[str, ...] = ()
    condition: str | None = None


class Input(FlowModel):
    """Common to all inputs; each type's variant stands with its rules in ``input_type``."""

    id: DottedId
    type: str
    description: str | None = None
    display_name: DisplayName | None = None
    required: bool = True
    defaults: object = None
    prefill: object = None
    depends_on: DependsOn | None = None

    @model_validator(mode="after")
    def _default_of_required(self) -> Input:
        if not self.required and self.defaults is not None:
            raise ValueError("`required: false` and `defaults` contradict each other: use `prefill`")
        return self


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
    behavior: Annotated[Literal["QUEUE", "CANCEL", "FAIL"], BeforeValidator(_upper)] = "QUEUE"


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
    """Every top-level key (flow-language 1.1) but the lists of tasks, triggers and inputs."""

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


class Flow(FlowHeader):
    inputs: tuple[Input, ...] = ()
    tasks: tuple[Task, ...] = ()
    errors: tuple[Task, ...] = ()
    finally_: tuple[Task, ...] = ()
    after_execution: tuple[Task, ...] = ()
    triggers: tuple[Trigger, ...] = ()
