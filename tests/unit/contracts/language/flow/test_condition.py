"""The names of condition types, present and old."""

from __future__ import annotations

import pytest

from contracts.language.flow.condition import short_name


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("io.kestra.plugin.core.condition.Weekend", "Weekend"),
        ("io.kestra.plugin.core.condition.WeekendCondition", "Weekend"),
        ("io.kestra.core.models.conditions.types.WeekendCondition", "Weekend"),
        ("io.kestra.core.models.conditions.types.VariableCondition", "Expression"),
        ("io.kestra.plugin.core.log.Log", None),
        ("Weekend", None),
        ("", None),
    ],
)
def test_a_condition_is_known_by_the_last_part_of_its_name(name: str, short: str | None) -> None:
    assert short_name(name) == short
