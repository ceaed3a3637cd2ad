"""An expression that somebody tries on an execution."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.web.core.evaluation import evaluated, rendered

NOW = datetime(2026, 1, 1, tzinfo=UTC)
VARIABLES = {"outputs": {"say": {"value": "a"}}}


def test_an_expression_is_its_text() -> None:
    assert evaluated("{{ outputs.say.value }} {{ now() }}", VARIABLES, NOW, 1) == {
        "result": "a 2026-01-01T00:00:00.000000Z"
    }


def test_secrets_read_as_asterisks() -> None:
    found = evaluated("{{ secret('DB') }} {{ secret('DB') | length }}", VARIABLES, NOW, 1)
    assert found == {"result": "****** 6"}


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("{{ nope.x }}", "nope"),
        ("{{ outputs.say", ""),
        ("{% for i in range(1, 1000000) %}x{% endfor %}", ""),
        ("{{ http('a') }}", "a worker has it"),
    ],
)
def test_a_wrong_expression_is_told_and_no_failure(expression: str, told: str) -> None:
    found = evaluated(expression, VARIABLES, NOW, 1)
    assert set(found) == {"error", "stackTrace"}
    assert told in found["error"]


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("{{ outputs.say.value }}!", "a!"),
        ("plain", "plain"),
        ("{{ fromJson('[1]')[0] }}", "1"),
        ("{{ secret('DB') }}", "[secret: DB]"),
        ("{{ outputs.say.value }} {{ now() }}", None),
        ("{{ outputs.say.value }} {{ inputs.absent }}", None),
        ("{{ env('HOME', 'x') }}", None),
        ("{{ kv('x') }}", None),
        ("{% raw %}{{ outputs.say.value }}{% endraw %}", None),
        ("{{ ??? }}", None),
    ],
)
def test_an_expression_is_shown_as_text_or_as_it_is_written(expression: str, shown: str | None) -> None:
    found = rendered([expression], VARIABLES, NOW, 1)
    assert found == {"rendered": {expression: expression if shown is None else shown}}
