"""Evaluates an expression that somebody tries on an execution. Gives its text or its error."""

from __future__ import annotations

from collections.abc import Mapping
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
        return {"error": str(error)}


def _masked(_key: str) -> str:
    return MASKED
