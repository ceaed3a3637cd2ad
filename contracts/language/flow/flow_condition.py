"""What a Flow trigger asks of an execution of another flow: ``conditions`` of 1.x, and the parts of ``preconditions`` and ``dependsOn``.

They are pure. A condition gets the scope of a rendering, with the execution itself beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Protocol, TypeAlias

from pydantic import BeforeValidator, Field

from contracts.language.expression.pattern import fits
from contracts.language.expression.scope import Scope
from contracts.language.expression.template import compile_template, is_truthy
from contracts.language.flow import trigger_condition
from contracts.language.flow.condition import Condition
from contracts.language.flow.label import Labels
from contracts.language.flow.trigger_condition import passes
from contracts.language.types.property import dynamic, upper
from contracts.language.types.trigger.flow import Filter
from contracts.language.types.trigger.time_window import Advance, Length, TimeWindow
from contracts.scalars import JsonObject
from contracts.states import State

Place: TypeAlias = "tuple[str | None, str | None]"
"""A namespace and a flow. None: any."""
Places: TypeAlias = "frozenset[Place] | None"
"""Whose executions may fulfil something. None: those of any flow."""
_States = tuple[Annotated[State, BeforeValidator(upper)], ...]


class Moved(Protocol):
    """An execution that reached a state."""

    @property
    def namespace(self) -> str: ...
    @property
    def flow_id(self) -> str: ...
    @property
    def state(self) -> State: ...
    @property
    def labels(self) -> dict[str, str]: ...
    @property
    def outputs(self) -> JsonObject: ...
    @property
    def retried(self) -> list[State]:
        """The states of the attempts of those task runs that had more than one."""
        ...


class MovedScope(Scope):
    """The scope of the templates of a Flow trigger, with the execution that it hears of."""

    __slots__ = ("moved",)

    def __init__(self, scope: Scope, moved: Moved) -> None:
        super().__init__(scope.variables, scope.now, scope.seed, scope.ports, scope.limits, scope.budget)
        self.moved = moved


def places_of(condition: Condition) -> Places:
    """Return whose executions may fulfil a condition."""
    if isinstance(condition, ExecutionFlow):
        return frozenset({(condition.namespace, condition.flow_id)})
    if isinstance(condition, ExecutionNamespace) and condition.compares == "EQUALS":
        return frozenset({(condition.namespace, None)})
    return None


def _compared(comparison: str, wanted: str, name: str) -> bool:
    if comparison == "PREFIX":
        return name.startswith(wanted)
    return name.endswith(wanted) if comparison == "SUFFIX" else name == wanted


class ExecutionFlow(Condition):
    namespace: str
    flow_id: str

    def holds(self, scope: MovedScope) -> bool:
        moved = scope.moved
        return (self.namespace, self.flow_id) == (moved.namespace, moved.flow_id)


class _OfNamespace(Condition):
    namespace: str
    comparison: Annotated[Literal["EQUALS", "PREFIX", "SUFFIX"], BeforeValidator(upper)] | None = None
    prefix: bool = False

    @property
    def compares(self) -> str:
        return self.comparison or ("PREFIX" if self.prefix else "EQUALS")


class ExecutionNamespace(_OfNamespace):
    def holds(self, scope: MovedScope) -> bool:
        return _compared(self.compares, self.namespace, scope.moved.namespace)


class ExecutionStatus(Condition):
    in_: _States | None = Field(default=None, alias="in")
    not_in: _States | None = Field(default=None, alias="notIn")

    def holds(self, scope: MovedScope) -> bool:
        return _among(scope.moved.state, self.in_, self.not_in)


class HasRetryAttempt(Condition):
    in_: _States | None = Field(default=None, alias="in")
    not_in: _States | None = Field(default=None, alias="notIn")

    def holds(self, scope: MovedScope) -> bool:
        return any(_among(state, self.in_, self.not_in) for state in scope.moved.retried)


class ExecutionLabels(Condition):
    labels: Labels

    def holds(self, scope: MovedScope) -> bool:
        own = scope.moved.labels
        return all(own.get(label.key) == label.value for label in self.labels)


class ExecutionOutputs(Condition):
    expression: str = dynamic()

    def holds(self, scope: MovedScope) -> bool:
        return bool(scope.moved.outputs) and passes(self.expression, scope)


class Flow(Condition):
    """About the flow that the trigger belongs to."""

    namespace: str
    flow_id: str

    def holds(self, scope: MovedScope) -> bool:
        own: Any = scope.variables["flow"]
        return (self.namespace, self.flow_id) == (own["namespace"], own["id"])


class FlowNamespace(_OfNamespace):
    """The same for its namespace."""

    def holds(self, scope: MovedScope) -> bool:
        own: Any = scope.variables["flow"]
        return _compared(self.compares, self.namespace, own["namespace"])


class Multiple(Condition):
    """Conditions that executions fulfil one after another, within a window. The trigger remembers which."""

    outermost: ClassVar[bool] = True
    id: str
    description: str | None = None
    conditions: Mapping[str, Any] = Field(min_length=1)
    time_window: TimeWindow | None = None
    sla: TimeWindow | None = None
    """Its name in the first versions."""
    window: Length | None = None
    window_advance: Advance | None = None
    reset_on_success: bool = True

    @property
    def within(self) -> TimeWindow:
        own = TimeWindow(window=self.window, window_advance=self.window_advance)
        return self.time_window or self.sla or own


class UpstreamCondition(Condition):
    """One flow of ``preconditions`` or ``dependsOn``."""

    type: str = "upstream"
    namespace: str | None = None
    flow_id: str | None = None
    states: _States | None = None
    labels: Mapping[str, str] = Field(default_factory=dict)
    when: str | None = None

    @property
    def place(self) -> Place:
        return self.namespace, self.flow_id

    def holds(self, scope: MovedScope) -> bool:
        moved = scope.moved
        return (
            self.namespace in (None, moved.namespace)
            and self.flow_id in (None, moved.flow_id)
            and (self.states is None or moved.state in self.states)
            and all(moved.labels.get(key) == value for key, value in self.labels.items())
            and (self.when is None or passes(self.when, scope))
        )


class WhereCondition(Condition):
    """One part of ``where``."""

    type: str = "where"
    filters: tuple[Filter, ...]
    operand: Literal["AND", "OR"] = "AND"

    def holds(self, scope: MovedScope) -> bool:
        joined = any if self.operand == "OR" else all
        return joined(_filter_fits(each, scope) for each in self.filters)


def _among(state: State, within: _States | None, without: _States | None) -> bool:
    return (within is None or state in within) and (without is None or state not in without)


def _filter_fits(written: Filter, scope: MovedScope) -> bool:
    text = _compared_text(written, scope)
    value = written.value or ""
    match written.type:
        case "EQUAL_TO":
            return text == value
        case "NOT_EQUAL_TO":
            return text != value
        case "IN":
            return text in (written.values or ())
        case "NOT_IN":
            return text not in (written.values or ())
        case "IS_TRUE":
            return is_truthy(text)
        case "IS_FALSE":
            return not is_truthy(text)
        case "IS_NULL":
            return text == ""
        case "IS_NOT_NULL":
            return text != ""
        case "STARTS_WITH":
            return text.startswith(value)
        case "ENDS_WITH":
            return text.endswith(value)
        case "REGEX":
            return fits(value, text)
        case "CONTAINS":
            return value in text


def _compared_text(written: Filter, scope: MovedScope) -> str:
    moved = scope.moved
    match written.field:
        case "FLOW_ID":
            return moved.flow_id
        case "NAMESPACE":
            return moved.namespace
        case "STATE":
            return moved.state.value
        case "EXPRESSION":
            return compile_template(written.value or "").render(scope).strip()


CONDITIONS: Mapping[str, type[Condition]] = {
    **trigger_condition.CONDITIONS,
    **{
        each.__name__: each
        for each in (
            ExecutionFlow,
            ExecutionLabels,
            ExecutionNamespace,
            ExecutionOutputs,
            ExecutionStatus,
            Flow,
            FlowNamespace,
            HasRetryAttempt,
            Multiple,
        )
    },
}
"""By the last part of the name, without ``Condition``."""
