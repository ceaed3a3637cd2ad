"""Evaluates an expression that somebody tries on an execution. Gives its text or its error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.impure import WORKER_FUNCTIONS
from contracts.language.expression.scope import Scope
from contracts.language.expression.template import compile_template
from contracts.language.flow.trigger_start import LIMITS
from services.web.core.view.page import Json

MASKED = "******"
_DEPENDS = (WORKER_FUNCTIONS - {"secret"}) | {
    "env",
    "fetchContext",
    "id",
    "ksuid",
    "nanoId",
    "now",
    "printContext",
    "randomInt",
    "uuid",
}
"""Functions whose result depends on more than the variables."""
_VERBATIM = re.compile(r"\{%-?\s*(?:raw|verbatim)\b")


def evaluated(expression: str, variables: Mapping[str, object], now: datetime, seed: int) -> Json:
    """A wrong expression is not an error of the request. Secrets are never looked up; each one reads as asterisks."""
    try:
        template = compile_template(expression)
        return {"result": template.render(Scope(variables, now, seed, {"secret": _masked}, LIMITS))}
    except ExpressionError as error:
        return {"error": str(error), "stackTrace": str(error)}


def rendered(expressions: Iterable[str], variables: Mapping[str, object], now: datetime, seed: int) -> Json:
    """Return the text of each expression, as a page shows it, by the expression. One that cannot be known without a run stays as it
    is written: it fails, or calls what gives something else each time or somewhere else."""
    scope = Scope(variables, now, seed, {"secret": _named}, LIMITS)
    return {"rendered": {each: _shown(each, scope) for each in expressions}}


def _shown(expression: str, scope: Scope) -> str:
    try:
        template = compile_template(expression)
        if template.calls & _DEPENDS or _VERBATIM.search(expression):
            return expression
        return template.render(scope)
    except ExpressionError:
        return expression


def _named(key: str) -> str:
    return f"[secret: {key}]"


def _masked(_key: str) -> str:
    return MASKED
