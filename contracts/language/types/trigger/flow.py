"""``core.trigger.Flow``: an execution when executions of other flows reach a state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, model_validator

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.pattern import compile_regex
from contracts.language.types.declaration import TriggerType
from contracts.language.types.property import Properties, dynamic, not_empty, static, upper
from contracts.language.types.trigger.time_window import TimeWindow, Window
from contracts.states import ENDED, State

HEARD = tuple(sorted(ENDED | {State.PAUSED}))
"""The states that a trigger hears of if it names none."""
_WINDOW_ID = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]*")
_WITH_VALUE = {"EQUAL_TO", "NOT_EQUAL_TO", "STARTS_WITH", "ENDS_WITH", "REGEX", "CONTAINS"}
_WITH_VALUES = {"IN", "NOT_IN"}


def _heard(state: State) -> State:
    if state is State.CREATED:
        raise ValueError("a flow trigger cannot hear of CREATED: that is no change of state")
    return state


ExecutionState = Annotated[State, BeforeValidator(upper), AfterValidator(_heard)]


def _labels(written: object) -> object:
    if isinstance(written, list):
        return {
            str(each["key"]): each["value"]
            for each in written
            if isinstance(each, Mapping) and {"key", "value"} <= each.keys()
        }
    return written


def _compilable(pattern: str) -> None:
    try:
        compile_regex(pattern)
    except ExpressionError as error:
        raise ValueError(f"`value` is no regular expression: {error}") from None


LabelMap = Annotated[Mapping[str, str], BeforeValidator(_labels)]


class Filter(Properties):
    """A comparison with the execution that ended."""

    field: Annotated[Literal["FLOW_ID", "NAMESPACE", "STATE", "EXPRESSION"], BeforeValidator(upper)] = static(
        doc="what is compared; EXPRESSION is `value`, rendered"
    )
    type: Annotated[
        Literal[
            "EQUAL_TO", "NOT_EQUAL_TO", "IN", "NOT_IN", "IS_TRUE", "IS_FALSE", "IS_NULL", "IS_NOT_NULL",
            "STARTS_WITH", "ENDS_WITH", "REGEX", "CONTAINS",
        ],
        BeforeValidator(upper),
    ] = static(doc="how it is compared")  # fmt: skip
    value: str | None = dynamic(None, doc="what it is compared with")
    values: tuple[str, ...] | None = static(None, doc="the same for IN and NOT_IN")

    @model_validator(mode="after")
    def _complete(self) -> Filter:
        expression = self.field == "EXPRESSION"
        if self.value is None and (expression or self.type in _WITH_VALUE):
            raise ValueError(f"`value` must be given for `{'EXPRESSION' if expression else self.type}`")
        if self.type in _WITH_VALUES and self.values is None:
            raise ValueError(f"`values` must be given for `{self.type}`")
        if self.type not in _WITH_VALUES and self.values is not None:
            raise ValueError(f"`values` cannot be given for `{self.type}`: use `value`")
        if self.type == "REGEX" and not expression:
            _compilable(self.value or "")
        return self


class Where(Properties):
    """A precondition on the execution that ended."""

    id: str = static(doc="its name", min_length=1)
    operand: Annotated[Literal["AND", "OR"], BeforeValidator(upper)] = static(
        "AND", doc="whether all filters must fit, or one"
    )
    filters: Annotated[tuple[Filter, ...], AfterValidator(not_empty)] = static(doc="comparisons")


class UpstreamFlow(Properties):
    """A precondition: an execution of a flow reached a state."""

    namespace: str = static(doc="of the flow, exactly")
    flow_id: str | None = static(None, doc="any flow of the namespace otherwise")
    states: tuple[ExecutionState, ...] | None = static(None, doc="those of the trigger otherwise")
    labels: LabelMap = static({}, doc="the execution has all of them")


class Preconditions(Properties):
    """What must have happened within one time window, in any order."""

    id: str = static(doc="its name")
    time_window: TimeWindow = static(TimeWindow(), doc="within what time")
    reset_on_success: bool = static(
        True, doc="false: once all is met, each further match within the window starts another execution"
    )
    flows: tuple[UpstreamFlow, ...] = static((), doc="each must have been seen")
    where: tuple[Where, ...] = static((), doc="each must have fitted an execution")

    @model_validator(mode="after")
    def _something(self) -> Preconditions:
        if not _WINDOW_ID.fullmatch(self.id):
            raise ValueError(f'`id` must match "{_WINDOW_ID.pattern}"')
        if not (self.flows or self.where):
            raise ValueError("`flows` or `where` must be given")
        names = [each.id for each in self.where]
        if len(set(names)) < len(names):
            raise ValueError("each `id` in `where` must be given once")
        return self


class Dependency(Properties):
    """A flow that this one waits for."""

    namespace: str | None = static(None, doc="of the flow, exactly")
    flow_id: str | None = static(None, doc="any flow of the namespace otherwise")
    states: tuple[ExecutionState, ...] | None = static(
        None, doc="SUCCESS and WARNING otherwise, or the `states` of the trigger if it names some"
    )
    labels: LabelMap = static({}, doc="the execution has all of them")
    when: str | bool | None = static(None, doc="a further condition, about `trigger`")

    @model_validator(mode="after")
    def _some_flow(self) -> Dependency:
        if self.namespace is None and self.flow_id is None:
            raise ValueError("`namespace` or `flowId` must be given")
        return self


class Flow(Properties):
    """Starts an execution when executions of other flows reach a state.

    `trigger.executionId`, `namespace`, `flowId`, `state`, `outputs` and more tell of the execution that did. Executions of the flow itself
    never count."""

    states: Annotated[tuple[ExecutionState, ...], AfterValidator(not_empty)] = static(
        HEARD, doc="states that count; all final ones and PAUSED otherwise"
    )
    preconditions: Preconditions | None = static(
        None, doc="several executions that must have been seen (1.x)"
    )
    depends_on: Annotated[tuple[Dependency, ...] | None, AfterValidator(not_empty)] = static(
        None, doc="flows that this one waits for (2.0)"
    )
    mode: Annotated[Literal["ALL", "ANY", "AT_LEAST"], BeforeValidator(upper)] = static(
        "ALL", doc="how many of `dependsOn` must be met: ALL, ANY, or AT_LEAST `minSatisfied`"
    )
    min_satisfied: int | None = static(None, doc="with AT_LEAST: how many", ge=1)
    window: Window | None = static(None, doc="the time within which `dependsOn` must be met; a day otherwise")

    @model_validator(mode="after")
    def _fitting(self) -> Flow:
        if self.depends_on is None and (self.window is not None or self.mode != "ALL"):
            raise ValueError("`window` and `mode` are about `dependsOn`, which is not given")
        if self.depends_on is not None and self.preconditions is not None:
            raise ValueError("`preconditions` is the old form of `dependsOn`: write one of them")
        if (self.mode == "AT_LEAST") != (self.min_satisfied is not None):
            raise ValueError("`minSatisfied` and `mode: AT_LEAST` belong together")
        if self.min_satisfied is not None and self.min_satisfied > len(self.depends_on or ()):
            raise ValueError("`minSatisfied` is more than there are in `dependsOn`")
        return self


class FlowOutputs(BaseModel):
    executionId: str  # noqa: N815 - as expressions read it
    executionLabels: dict[str, Any]  # noqa: N815
    namespace: str
    flowId: str  # noqa: N815
    flowRevision: int  # noqa: N815
    state: str
    startDate: str  # noqa: N815
    endDate: str | None = None  # noqa: N815
    firstFailedTaskId: str | None = None  # noqa: N815
    lastTaskId: str | None = None  # noqa: N815
    outputs: dict[str, Any]
    """Of the flow whose execution counted, merged with those of the others that were met."""
    executions: list[dict[str, Any]] | None = None
    """With preconditions: all that met them, the earliest first."""


FLOW = TriggerType(
    name="io.kestra.plugin.core.trigger.Flow",
    title="Start executions after those of other flows",
    properties=Flow,
    aliases=("io.kestra.core.models.triggers.types.Flow",),
    outputs=FlowOutputs,
    examples=(
        """id: after_extract
type: io.kestra.plugin.core.trigger.Flow
inputs:
  date: "{{ trigger.outputs.date }}"
preconditions:
  id: extracted
  flows:
    - namespace: company.team
      flowId: extract
      states: [SUCCESS]""",
        """id: both_by_nine
type: io.kestra.plugin.core.trigger.Flow
window:
  deadline: "09:00:00"
dependsOn:
  - {namespace: company.team, flowId: orders}
  - {namespace: company.team, flowId: customers}""",
    ),
    started_by="engine",
)
