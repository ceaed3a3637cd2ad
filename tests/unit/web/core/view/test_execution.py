import orjson

from contracts.execution import (
    ExecutionCreated,
    ExecutionEnded,
    History,
    TaskRunCreated,
    TaskRunEnded,
    TriggerRef,
)
from contracts.states import State
from services.web.core.live import begin
from services.web.core.view.execution import (
    INLINE_OUTPUT_BYTES,
    Lens,
    execution_line,
    execution_page,
    execution_url,
    outputs_index,
    state_view,
)
from services.web.http.answer import dumps

LENS = Lens(now=10_000, url="http://x")


def an_execution(outputs=None, state=State.SUBMITTED):
    live = begin(
        ExecutionCreated(
            execution_id="e1", seq=1, at=1000, namespace="n", flow_id="f", revision=3, labels={"a": "b"},
            trigger=TriggerRef(id="hook", type="T", variables={"body": 1}), scheduled_at=2000, trace_parent="00-1",
        )
    )  # fmt: skip
    live.apply(
        TaskRunCreated(
            execution_id="e1", seq=2, at=1100, task_run_id="t", task_id="a", state=state, value="v", iteration=0,
            parent_task_run_id="p",
        )
    )  # fmt: skip
    if outputs is not None:
        live.apply(
            TaskRunEnded(
                execution_id="e1",
                seq=3,
                at=1200,
                task_run_id="t",
                state=State.SUCCESS,
                attempt=1,
                outputs=outputs,
            )
        )
    return live


def test_an_execution_carries_what_both_generations_require():
    page = execution_page(an_execution({"x": 1}), LENS, {"v": 1})
    for key in (
        "tenantId",
        "id",
        "namespace",
        "flowId",
        "flowRevision",
        "state",
        "originalId",
        "deleted",
        "metadata",
    ):
        assert key in page
    run = page["taskRunList"][0]
    for key in (
        "id",
        "executionId",
        "namespace",
        "flowId",
        "taskId",
        "state",
        "outputs",
        "attempts",
        "parentTaskRunId",
    ):
        assert key in run
    assert page["variables"] == {"v": 1}
    assert page["labels"] == [{"key": "a", "value": "b"}]
    assert None not in orjson.loads(orjson.dumps(page)).values()


def test_a_list_item_has_no_task_runs():
    assert "taskRunList" not in execution_line(an_execution(), LENS)


def test_clients_of_1x_know_no_submitted():
    run = execution_page(an_execution(), Lens(0, legacy=True))["taskRunList"][0]
    assert run["state"]["current"] == "CREATED"
    assert len(run["state"]["histories"]) == 1
    assert execution_page(an_execution(), LENS)["taskRunList"][0]["state"]["current"] == "SUBMITTED"


def test_a_running_state_lasts_until_now_and_an_ended_one_until_its_end():
    created = History(State.CREATED, 1000)
    running = state_view([created, History(State.RUNNING, 2000)], LENS)
    assert running["duration"] == "PT9S"
    assert "endDate" not in running
    ended = state_view([created, History(State.SUCCESS, 3500)], LENS)
    assert ended["duration"] == "PT2.5S"
    assert ended["endDate"] == "1970-01-01T00:00:03.500Z"


def test_large_outputs_stay_at_their_own_address():
    live = an_execution({"x": "y" * INLINE_OUTPUT_BYTES})
    assert "outputs" not in execution_page(live, LENS)["taskRunList"][0]
    assert outputs_index(live) == [
        {"taskId": "a", "taskRunId": "t", "value": "v", "iteration": 0, "inline": True}
    ]


def test_the_end_has_outputs():
    live = an_execution()
    live.apply(ExecutionEnded(execution_id="e1", seq=9, at=5000, state=State.SUCCESS, outputs={"final": 1}))
    assert execution_line(live, LENS)["outputs"] == {"final": 1}
    assert execution_url("e1", "n", "f", LENS) == "http://x/ui/main/executions/n/f/e1"


def test_integers_over_64_bits_do_not_take_a_page_away() -> None:
    """Kafka's messages may hold them; orjson refuses."""
    assert dumps({"results": [{"inputs": {"n": 10**30}}, {1: "one"}]}) == (
        b'{"results":[{"inputs":{"n":1000000000000000000000000000000}},{"1":"one"}]}'
    )
