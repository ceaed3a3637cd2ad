"""Expressions in tests: one template over variables, at a fixed time and with a fixed seed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from contracts.language.expression.scope import Scope
from contracts.language.expression.template import compile_template

NOW = datetime(2025, 6, 1, 8, 30, tzinfo=UTC)
"""A Sunday."""


def scope_of(**variables: object) -> Scope:
    return Scope(variables, NOW, seed=1)


def render(source: str, **variables: object) -> str:
    """Render to text."""
    return compile_template(source).render(scope_of(**variables))


def value_of(expression: str, **variables: object) -> Any:
    """Evaluate the expression, which is written without braces."""
    return compile_template("{{ " + expression + " }}").evaluate(scope_of(**variables))
