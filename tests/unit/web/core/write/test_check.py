"""Checks of a flow before an execution starts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contracts.language.flow.label import Label
from contracts.language.flow.model import Check, Flow, FlowHeader
from contracts.language.flow.schema import extended
from services.web.core.write.check import failing_checks
from services.web.core.write.rendering import input_scope


def failing(*checks: Check, inputs: dict[str, object] | None = None) -> list[str]:
    header = FlowHeader(id="f", namespace="n", labels=(Label(key="team", value="blue"),), checks=checks)
    flow = extended(Flow, header)
    scope = input_scope(flow, datetime(2026, 1, 1, tzinfo=UTC), 1, {})
    return [each.message for each in failing_checks(flow, inputs or {}, {"stage": "live"}, scope)]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("{{ inputs.n > 5 }}", True),
        ("{{ inputs.n > 50 }}", False),
        ("{{ labels.team == 'blue' and labels.stage == 'live' }}", True),
        ("\n {{ inputs.n == 1 }}\n", False),
    ],
)
def test_a_check_fails_if_its_condition_is_false(condition: str, *, holds: bool) -> None:
    found = failing(Check(condition=condition, message="n is {{ inputs.n }}"), inputs={"n": 7})
    assert found == ([] if holds else ["n is 7"])


def test_a_check_that_cannot_be_evaluated_fails_and_says_why() -> None:
    (message,) = failing(Check(when="{{ nothing.x }}", message="needs x"))
    assert message.startswith("needs x: the check cannot be evaluated: Unable to find `nothing`")


def test_all_failing_checks_are_found_in_their_order() -> None:
    checks = [Check(condition="false", message=text) for text in ("a", "b")]
    assert failing(*checks) == ["a", "b"]
