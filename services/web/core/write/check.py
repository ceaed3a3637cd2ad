"""The checks of a flow: conditions on the inputs that decide whether an execution may start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.scope import Scope
from contracts.language.expression.template import compile_template, is_truthy
from contracts.language.flow.model import Check, Flow
from contracts.language.flow.variables import nested_labels
from contracts.scalars import JsonObject


@dataclass(frozen=True, slots=True)
class FailingCheck:
    message: str
    style: str
    behavior: str

    def shown(self) -> JsonObject:
        return {"message": self.message, "style": self.style, "behavior": self.behavior}


def failing_checks(
    flow: Flow, inputs: Mapping[str, object], labels: Mapping[str, str], scope: Scope
) -> list[FailingCheck]:
    """Return the checks that do not hold, in their order. One that cannot be rendered does not hold, and says why."""
    own = {label.key: label.value for label in flow.labels}
    seeing = scope.seeing({**scope.variables, "inputs": inputs, "labels": nested_labels({**own, **labels})})
    return [found for each in flow.checks if (found := _failing(each, seeing)) is not None]


def _failing(check: Check, scope: Scope) -> FailingCheck | None:
    condition = check.when if check.when is not None else check.condition
    if condition is None:
        return None
    try:
        if is_truthy(compile_template(condition).render(scope)):
            return None
        message = compile_template(check.message).render(scope)
    except ExpressionError as error:
        message = f"{check.message}: the check cannot be evaluated: {error}"
    return FailingCheck(message, check.style, check.behavior)
