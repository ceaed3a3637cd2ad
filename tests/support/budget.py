"""A budget for tests that are not about its end."""

from __future__ import annotations

from contracts.language.expression.budget import Budget
from contracts.language.expression.scope import DEFAULT_LIMITS


def a_budget() -> Budget:
    return Budget(DEFAULT_LIMITS.max_bytes)
