import pytest

from contracts.language.types.flowable.limit import MOST, read
from tests.support.rig.executions import started

PARALLEL = """
id: f
namespace: tests
inputs: [{id: n, type: STRING, defaults: "2"}]
tasks:
  - id: p
    type: io.kestra.plugin.core.flow.Parallel
    concurrent: "{{ inputs.n }}"
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
      - {id: b, type: io.kestra.plugin.core.log.Log, message: b}
      - {id: c, type: io.kestra.plugin.core.log.Log, message: c}
"""
EACH = """
id: f
namespace: tests
inputs: [{id: n, type: STRING, defaults: "2"}]
tasks:
  - id: p
    type: io.kestra.plugin.core.flow.ForEach
    concurrencyLimit: "{{ inputs.n }}"
    values: [x, y, z]
    tasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: a}]
"""


@pytest.mark.parametrize(
    ("written", "limit"),
    [(0, 0), (3, 3), ("7", 7), (10**30, MOST), ("{{ inputs.n }}", "{{ inputs.n }}")],
)
def test_a_limit_is_a_number_or_an_expression(written, limit):
    assert read(written) == limit


@pytest.mark.parametrize("written", [-1, "-1", True, 1.5, "many", None, [1]])
def test_anything_else_is_no_limit(written):
    with pytest.raises(ValueError, match="must be"):
        read(written)


@pytest.mark.parametrize("source", [PARALLEL, EACH])
def test_an_expression_bounds_what_runs_at_once(source):
    rig = started(source)
    assert len(rig.out()) == 2
    rig.assert_rebuilds()
    rig.report(rig.out()[0])
    assert len(rig.out()) == 2


@pytest.mark.parametrize("source", [PARALLEL, EACH])
def test_nought_is_no_limit(source):
    assert len(started(source, inputs={"n": "0"}).out()) == 3


@pytest.mark.parametrize("given", ["-1", "many", ""])
@pytest.mark.parametrize("source", [PARALLEL, EACH])
def test_an_expression_that_gives_no_limit_fails_the_task_with_a_reason(source, given):
    rig = started(source, inputs={"n": given})
    assert (rig.state(), rig.run("p").state) == ("FAILED", "FAILED")
    assert "The number of tasks at once must be" in rig.run("p").message


def test_a_restart_renders_it_again():
    rig = started(PARALLEL)
    rig.report("a", "failed")
    rig.settle()
    rig.restart_execution()
    assert len([name for name in rig.out() if rig.run(name).state == "SUBMITTED"]) == 2
    rig.assert_rebuilds()
