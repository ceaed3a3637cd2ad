"""Expressions in web: webhook keys, conditions and inputs of triggers, defaults of inputs. Pure but for the ports that
are handed in; what an expression may not do here fails with a text for its author."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.scope import Limits, Scope
from contracts.language.expression.template import compile_template
from contracts.language.flow.model import Flow
from contracts.scalars import JsonValue
from services.web.core.write.webhook import NotRendered, Render

Ports = Mapping[str, Callable[..., object]]
LIMITS = Limits(max_output_chars=262_144, max_steps=100_000, max_elements=100_000)
"""Tighter than a worker's: this runs while a caller waits, on the loop that serves all of them."""


def renderer(now: datetime, seed: int, ports: Ports) -> Render:
    def render(template: str, variables: Mapping[str, Any]) -> JsonValue:
        scope = Scope(variables=variables, now=now, seed=seed, ports=ports, limits=LIMITS)
        try:
            return compile_template(template).evaluate(scope)
        except ExpressionError as error:
            raise NotRendered(str(error)) from error

    return render


def input_scope(flow: Flow, now: datetime, seed: int, ports: Ports) -> Scope:
    """What the defaults and conditions of inputs may see."""
    variables = {
        "flow": {"id": flow.id, "namespace": flow.namespace, "revision": flow.revision, "tenantId": "main"},
        "namespace": {"id": flow.namespace},
        "vars": flow.variables,
        "labels": {label.key: label.value for label in flow.labels},
    }
    return Scope(variables=variables, now=now, seed=seed, ports=ports, limits=LIMITS)
