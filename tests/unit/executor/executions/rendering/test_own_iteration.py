"""Templates that only read outputs of their own iteration."""

import pytest

from services.executor.executions.rendering.own_iteration import ALL_LEVELS, own_levels


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("{{ outputs.x[taskrun.value].y }}", {"x": 1}),
        ("{{ outputs.x[parent.taskrun.value][taskrun.value].y }}", {"x": 2}),
        ("{{ outputs['x'][parents[1].taskrun.value].y }}", {"x": 1}),
        ("{{ currentEachOutput(outputs.x).y }}", {"x": ALL_LEVELS}),
        ("{{ outputs.x.y }}", {}),
        ("{{ outputs.x }}{{ outputs.x[taskrun.value].y }}", {}),
        ("{{ outputs.x[inputs.key].y }}", {}),
        ("{% set taskrun = 1 %}{{ outputs.x[taskrun.value].y }}", {}),
        ("{{ outputs.x[taskrun.value].y | upper ~ outputs.z[taskrun.value].w }}", {"x": 1, "z": 1}),
    ],
)
def test_templates_that_only_read_their_own_iteration_are_found(text, levels):
    assert own_levels([text]) == levels
