"""A task enables or disables a trigger."""

from __future__ import annotations

from contracts.trigger import SetTriggerDisabled
from tests.support.rig.executions import started

OTHER = """
id: other
namespace: tests
tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: m}]
triggers: [{id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 9 * * *"}]
"""


def flow(task: str) -> str:
    return f"""
id: f
namespace: tests
tasks: [{{id: t, type: io.kestra.plugin.core.trigger.Toggle, {task}}}]
triggers: [{{id: own, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 9 * * *"}}]
"""


def test_its_own_flows_trigger_is_disabled() -> None:
    rig = started(flow("trigger: own"))
    (sent,) = rig.sent(SetTriggerDisabled)
    assert (sent.namespace, sent.flow_id, sent.trigger_id, sent.disabled) == ("tests", "f", "own", True)
    assert rig.state() == "SUCCESS"


def test_that_of_another_flow_is_enabled() -> None:
    rig = started(flow("trigger: \"{{ 'daily' }}\", flowId: other, namespace: tests, enabled: true"), OTHER)
    (sent,) = rig.sent(SetTriggerDisabled)
    assert (sent.flow_id, sent.trigger_id, sent.disabled) == ("other", "daily", False)
    (key,) = [out.key for out in rig.outbox if out.topic == "triggers.commands"]
    assert key == "tests/other/daily"


def test_what_is_not_there_fails() -> None:
    for task, reason in (
        ("trigger: none", "Unable to find trigger none for the flow tests.f"),
        ("trigger: own, flowId: nowhere", "Unable to find flow tests.nowhere"),
    ):
        rig = started(flow(task))
        assert rig.state() == "FAILED"
        assert reason in rig.logs
        assert rig.sent(SetTriggerDisabled) == []
