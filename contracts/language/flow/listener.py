"""``listeners``, the old way to run tasks after an execution: what they must look like, and the conditions under which they run.

Conditions are pure. One that cannot be evaluated does not hold, and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from contracts.language.expression.template import is_truthy
from contracts.language.flow.condition import Condition, Not, Or, read_conditions
from contracts.language.flow.field import FlowModel
from contracts.language.flow.findings import Findings
from contracts.language.flow.label import Labels
from contracts.language.flow.schema import unrecognized
from contracts.language.flow.violation import Path
from contracts.language.types.property import dynamic, upper
from contracts.states import State

LISTENER_KEYS = frozenset({"description", "conditions", "tasks"})


@dataclass(frozen=True, slots=True)
class Ended:
    """What conditions see of an execution."""

    namespace: str
    flow_id: str
    state: State
    labels: Mapping[str, str]
    render: Callable[[str], str]
    """Raises ConditionUnclear."""


class ConditionUnclear(Exception):
    """A condition cannot be evaluated. The message says why."""


_States = tuple[Annotated[State, BeforeValidator(upper)], ...]


class ExecutionStatus(Condition):
    in_: _States | None = Field(default=None, alias="in")
    not_in: _States | None = Field(default=None, alias="notIn")

    def holds(self, ended: Ended) -> bool:
        within = self.in_ is None or ended.state in self.in_
        return within and (self.not_in is None or ended.state not in self.not_in)


class ExecutionFlow(Condition):
    namespace: str
    flow_id: str

    def holds(self, ended: Ended) -> bool:
        return (self.namespace, self.flow_id) == (ended.namespace, ended.flow_id)


class ExecutionNamespace(Condition):
    namespace: str
    comparison: Annotated[Literal["EQUALS", "PREFIX", "SUFFIX"], BeforeValidator(upper)] | None = None
    prefix: bool = False

    def holds(self, ended: Ended) -> bool:
        comparison = self.comparison or ("PREFIX" if self.prefix else "EQUALS")
        if comparison == "PREFIX":
            return ended.namespace.startswith(self.namespace)
        if comparison == "SUFFIX":
            return ended.namespace.endswith(self.namespace)
        return ended.namespace == self.namespace


class ExecutionLabels(Condition):
    labels: Labels

    def holds(self, ended: Ended) -> bool:
        return all(ended.labels.get(label.key) == label.value for label in self.labels)


class Expression(Condition):
    expression: str = dynamic()

    def holds(self, ended: Ended) -> bool:
        text = ended.render(self.expression).strip()
        return is_truthy(text)


CONDITIONS: Mapping[str, type[Condition]] = {
    each.__name__: each
    for each in (ExecutionStatus, ExecutionFlow, ExecutionNamespace, ExecutionLabels, Expression, Not, Or)
} | {"Flow": ExecutionFlow, "FlowNamespace": ExecutionNamespace}
"""By the last part of the name, without ``Condition``."""


class Listener(FlowModel):
    """The conditions of one. Its tasks are read as all tasks are."""

    conditions: tuple[Any, ...] = ()

    def hears(self, ended: Ended) -> bool:
        """Return whether all conditions hold. Raise ConditionUnclear."""
        return all(each.holds(ended) for each in self.conditions)


def read_listeners(
    value: object, findings: Findings
) -> Iterator[tuple[Path, dict[str, object], tuple[Condition, ...]]]:
    """Yield path, written value and conditions of each, and report what is wrong with them."""
    for path, written in findings.objects(value, ("listeners",)):
        for key in written.keys() - LISTENER_KEYS:
            findings.report(unrecognized(key, LISTENER_KEYS, path, findings.guesses))
        if not written.get("tasks"):
            findings.refuse("must not be empty", (*path, "tasks"))
        conditions = read_conditions(written.get("conditions"), (*path, "conditions"), findings, CONDITIONS)
        yield path, written, tuple(conditions)
