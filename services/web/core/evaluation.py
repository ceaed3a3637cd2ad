"""Evaluates an expression that somebody tries on an execution. Gives its text or its error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.scope import Scope
from contracts.language.expression.template import compile_template
from contracts.language.flow.trigger_start import LIMITS
from services.web.core.view.page import Json

MASKED = "******"


def evaluated(expression: str, variables: Mapping[str, object], now: datetime, seed: int) -> Json:
    """A wrong expression is not an error of the request. Secrets are never looked up; each one reads as asterisks."""
    try:
        template = compile_template(expression)
        return {"result": template.render(Scope(variables, now, seed, {"secret": _masked}, LIMITS))}
    except ExpressionError as error:
        return {"error": str(error), "stackTrace": str(error)}


def rendered(expressions: Iterable[str], variables: Mapping[str, object], now: datetime, seed: int) -> Json:
    """Return the text of each expression that can be rendered, by the expression."""
    found: Json = {}
    scope = Scope(variables, now, seed, {"secret": _masked}, LIMITS)
    for each in expressions:
        try:
            found[each] = compile_template(each).render(scope)
        except ExpressionError:
            continue
    return {"rendered": found}


def _masked(_key: str) -> str:
    return MASKED
