"""What is accepted but will not work as its author may expect."""

from __future__ import annotations

from contracts.language.flow.parse import parse_flow
from tests.unit.contracts.language.flow.flow_source import HEAD, TASKS, parsed, the_one


def test_a_trigger_of_ours_is_read_and_one_that_selects_nothing_is_warned_of():
    event = "triggers: [{id: e, type: io.toccata.plugin.core.trigger.Event%s}]\n"
    assert parsed(HEAD + TASKS + event % ", eventType: a.*").warnings == ()
    assert len(parsed(HEAD + TASKS + event % "").warnings) == 1
    assert the_one(HEAD + TASKS + event % ", kind: a")[0] == "triggers[0].kind"


def test_what_is_accepted_but_not_carried_out_is_warned_of():
    source = """
id: promises
namespace: tests
policyRefs: [p]
tasks:
  - id: outer
    type: io.kestra.plugin.core.flow.Sequential
    tasks:
      - {id: inner, type: io.kestra.plugin.core.log.Log, message: x, taskCache: {enabled: true}, assets: {inputs: []}}
triggers:
  - {id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 1 * * *", workerGroup: {key: big}}
"""
    parsed = parse_flow(source, None)

    assert not parsed.errors
    assert [(each.path, each.line, each.message.split("`")[1]) for each in parsed.warnings] == [
        ("policyRefs", 4, "policyRefs"),
        ("tasks[0].tasks[0].assets", 9, "assets"),
        ("triggers[0].workerGroup", 11, "workerGroup"),
    ]
