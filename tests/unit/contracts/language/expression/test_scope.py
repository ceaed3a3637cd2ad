"""What the caller gives to a rendering."""

from __future__ import annotations

from contracts.language.expression.scope import Limits, Scope
from tests.support.expression import NOW


def test_a_scope_has_a_budget_of_its_own() -> None:
    limits = Limits(max_bytes=1_000)
    first, second = Scope({}, NOW, 1, limits=limits), Scope({}, NOW, 1, limits=limits)
    first.budget.charge(400)
    assert (first.budget.left, second.budget.left) == (600, 1_000)


def test_other_variables_are_seen_with_the_same_budget() -> None:
    scope = Scope({"a": 1}, NOW, 7, {"secret": str})
    other = scope.seeing({"b": 2})
    assert other.budget is scope.budget
    assert (other.variables, other.seed, other.ports, other.limits) == (
        {"b": 2},
        7,
        {"secret": str},
        scope.limits,
    )
