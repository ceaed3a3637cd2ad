"""How a question leaves: its attempt, its number, its address."""

from __future__ import annotations

from contracts.address import ReplyTo
from contracts.work import EnqueueAttempt
from services.executor.executions.evaluation import TIMEOUT
from tests.support.rig.executions import started

FLOW = """
id: f
namespace: tests
workerGroup: {key: "GROUP"}
inputs: [{id: where, type: STRING, defaults: gpu}]
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Log, message: a, runIf: "{{ secret('KEY') }}"OWN}
  - {id: b, type: io.kestra.plugin.core.log.Log, message: b, runIf: "{{ secret('KEY') }}"}
outputs:
  - {id: o, type: STRING, value: "{{ secret('OUT') }}"}
"""


def flow(group: str = "default", own: str = "") -> str:
    return FLOW.replace("GROUP", group).replace("OWN", own)


def test_a_question_is_an_attempt_without_a_task() -> None:
    rig = started(flow())
    run = rig.question("a").run
    assert (run.task_id, run.task_type) == ("a", "io.kestra.plugin.core.log.Log")
    assert (bytes(run.task), run.timeout_template, run.attempt) == (b"{}", TIMEOUT, 1)
    assert run.reply_to == ReplyTo("executions.reports", "e1")
    assert run.task_run_id != rig.run("a").id


def test_no_two_evaluations_of_an_execution_share_an_id() -> None:
    rig = started(flow())
    first = rig.question("a").run.task_run_id
    rig.answer("a", False)
    second = rig.question("b").run.task_run_id
    rig.answer("b", False)
    third = rig.question().run.task_run_id
    rig.kill()
    rig.restart_execution()
    ids = {first, second, third}
    assert len(ids) == 3


def test_it_is_asked_in_the_group_of_its_task_which_has_its_secrets() -> None:
    rig = started(flow("{{ inputs.where }}", ", workerGroup: {key: own}"))
    assert [message.group for message in rig.sent(EnqueueAttempt)] == ["own"]
    rig.answer("a", False)
    assert rig.sent(EnqueueAttempt)[-1].group == "gpu"
    rig.answer("b", False)
    assert rig.sent(EnqueueAttempt)[-1].group == "default", (
        "a key that is an expression is not rendered for the flow"
    )


def test_a_key_that_needs_a_worker_is_asked_in_the_default_group() -> None:
    rig = started(flow("{{ secret('GROUP') }}"))
    assert rig.sent(EnqueueAttempt)[-1].group == "default"
    rig.answer("a", True)
    assert rig.asked() == {"a": ["{{ secret('GROUP') }}"]}
    rig.answer("a", "far")
    assert (rig.out(), rig.sent(EnqueueAttempt)[-1].group) == (["a"], "far")
