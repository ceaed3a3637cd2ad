"""What an expression sees that is evaluated on an execution."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contracts.execution import History, TriggerRef
from contracts.states import State
from services.web.core.evaluation import evaluated
from services.web.core.live import Live, LiveTaskRun
from services.web.core.view.variables import variables_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ENDED = [History(State.CREATED, 0), History(State.SUCCESS, 1000)]


def run(run_id: str, task_id: str, parent: str | None = None, value: str | None = None) -> LiveTaskRun:
    return LiveTaskRun(run_id, task_id, list(ENDED), parent, value, outputs={"value": f"of {run_id}"})


LIVE = Live(
    id="e",
    namespace="company.team",
    flow_id="f",
    revision=3,
    seq=9,
    histories=list(ENDED),
    inputs={"n": 20},
    outputs={"sum": 21},
    labels={"system.correlationId": "e"},
    trigger=TriggerRef(id="s", type="io.kestra.plugin.core.trigger.Schedule", variables={"date": "d"}),
    task_runs={
        each.id: each
        for each in (
            run("r1", "say"),
            run("r2", "each", value=None),
            run("r3", "one", "r2", "a"),
            run("r4", "in", "r3"),
        )
    },
)


def result(expression: str, of_run: str | None = None) -> str:
    asking = LIVE.task_runs[of_run] if of_run is not None else None
    found = evaluated(expression, variables_of(LIVE, {"v": "w"}, asking, "some.Type"), NOW, 1)
    assert "error" not in found, found
    return str(found["result"])


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("{{ outputs.say.value }} {{ inputs.n + 1 }} {{ vars.v }}", "of r1 21 w"),
        ("{{ outputs.one.a.value }} {{ outputs.in.a.value }}", "of r3 of r4"),
        ("{{ execution.id }} {{ execution.state }} {{ execution.outputs.sum }}", "e SUCCESS 21"),
        ("{{ flow.namespace }} {{ flow.revision }} {{ namespace.id }}", "company.team 3 company.team"),
        ("{{ trigger.date }} {{ schedule.date }} {{ labels.system.correlationId }}", "d d e"),
        ("{{ tasks.say.state }} {{ taskrun is defined }}", "SUCCESS false"),
        ("{{ now() }}", "2026-01-01T00:00:00.000000Z"),
    ],
)
def test_an_expression_sees_what_the_templates_of_tasks_see(expression: str, text: str) -> None:
    assert result(expression) == text


def test_of_a_task_run_it_sees_the_run_its_task_and_its_parents() -> None:
    assert (
        result("{{ taskrun.id }} {{ taskrun.parentId }} {{ task.id }} {{ task.type }}", "r4")
        == "r4 r3 in some.Type"
    )
    assert result("{{ parent.taskrun.value }} {{ parents[1].outputs.value }}", "r4") == "a of r2"
