"""The worker group of attempts."""

from __future__ import annotations

import pytest

from contracts.states import State
from contracts.work import EnqueueAttempt, WithdrawAttempt
from tests.support.rig.executions import ExecutionRig, started

CORE = "io.kestra.plugin.core."


def flow(own: str = "", of_the_flow: str = "") -> str:
    return f"""
id: f
namespace: tests
{of_the_flow}
inputs: [{{id: where, type: STRING, defaults: gpu}}, {{id: nothing, type: STRING, defaults: " "}}]
tasks:
  - {{id: a, type: {CORE}log.Log, message: a, retry: {{type: constant, interval: PT1S, maxAttempts: 2}}{own}}}
"""


def groups(rig: ExecutionRig) -> list[str]:
    return [message.group for message in rig.sent(EnqueueAttempt)]


@pytest.mark.parametrize(
    ("own", "of_the_flow", "group"),
    [
        ("", "", "default"),
        (", workerGroup: {key: gpu}", "", "gpu"),
        (', workerGroup: {key: "{{ inputs.where }}"}', "", "gpu"),
        ("", "workerGroup: {key: eu}", "eu"),
        (", workerGroup: {key: gpu}", "workerGroup: {key: eu}", "gpu"),
    ],
)
def test_an_attempt_goes_to_the_group_of_its_task_or_of_its_flow(
    own: str, of_the_flow: str, group: str
) -> None:
    assert groups(started(flow(own, of_the_flow), options={"in_place": group == "gpu"})) == [group]


def test_a_task_of_a_flow_with_a_group_is_not_decided_in_place() -> None:
    assert groups(started(flow("", "workerGroup: {key: eu}"), options={"in_place": True})) == ["eu"]


@pytest.mark.parametrize("key", ["{{ inputs.nothing }}", "{{ 'x' * 1 }}", "{{ inputs.missing }}"])
def test_a_key_that_gives_no_name_fails_the_task_run(key: str) -> None:
    rig = started(flow(f', workerGroup: {{key: "{key}"}}'))
    assert rig.state() == "FAILED"
    assert rig.run("a").message
    assert rig.out() == []


def test_later_attempts_and_withdrawals_go_to_the_same_group_also_after_a_restart_of_the_executor() -> None:
    rig = started(flow(', workerGroup: {key: "{{ inputs.where }}"}'))
    rig.report("a", "lost")
    rig.restart(snapshot=True)
    rig.report("a", "failed")
    rig.wait(2_000)
    assert groups(rig) == ["gpu", "gpu", "gpu"]
    rig.kill()
    assert [message.group for message in rig.sent(WithdrawAttempt)] == ["gpu"]


def test_whether_an_attempt_waits_for_a_worker_is_said_to_dispatch() -> None:
    for fallback, wait in (("WAIT", True), ("FAIL", False), ("CANCEL", False)):
        rig = started(flow(f", workerGroup: {{key: gpu, fallback: {fallback}}}"))
        assert [message.wait for message in rig.sent(EnqueueAttempt)] == [wait]
    assert started(flow(", workerGroup: {key: gpu}")).sent(EnqueueAttempt)[0].wait


def test_the_group_is_public() -> None:
    rig = started(flow(", workerGroup: {key: gpu}"))
    events = [event for event in rig.events_of("e1") if type(event).__name__ == "TaskRunCreated"]
    assert [event.group for event in events] == ["gpu"]  # type: ignore[attr-defined]
    assert rig.run("a").state is State.SUBMITTED
