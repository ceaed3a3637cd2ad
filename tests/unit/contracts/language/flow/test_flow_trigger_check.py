"""What validation says of Flow triggers, with its line."""

from __future__ import annotations

import textwrap

import pytest

from contracts.language.flow.validate import Validation, validate
from toccata.plugins.host.catalog import PluginCatalog

FLOW = """\
id: f
namespace: tests
tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: m}]
triggers:
  - id: heard
    type: io.kestra.plugin.core.trigger.Flow
"""
CONDITION = "io.kestra.plugin.core.condition."


def validated(trigger: str) -> Validation:
    return validate(
        FLOW + textwrap.indent(textwrap.dedent(trigger).strip(), "    ") + "\n", PluginCatalog.load(())
    )


@pytest.mark.parametrize(
    ("trigger", "path", "line", "message"),
    [
        ("states: [DONE]", "triggers[0].states[0]", 7, "must be one of"),
        ("states: [CREATED]", "triggers[0].states[0]", 7, "cannot hear of CREATED"),
        ("preconditions: {flows: [{namespace: a}]}", "triggers[0].preconditions.id", 7, "must not be null"),
        ("preconditions: {id: p}", "triggers[0].preconditions", 7, "`flows` or `where` must be given"),
        ("preconditions: {id: p, flows: [{flowId: a}]}", "triggers[0].preconditions.flows[0].namespace", 7, "must not be null"),
        ("preconditions:\n  id: p\n  timeWindow: {type: DAILY_TIME_WINDOW, startTime: '06:00'}\n  flows: [{namespace: a}]", "triggers[0].preconditions.timeWindow", 9, "must have `endTime`"),
        ("preconditions:\n  id: p\n  timeWindow: {deadline: '06:00'}\n  flows: [{namespace: a}]", "triggers[0].preconditions.timeWindow", 9, "cannot have `deadline`"),
        ("preconditions:\n  id: p\n  where:\n    - id: w\n      filters: [{field: STATE, type: IN, value: x}]", "triggers[0].preconditions.where[0].filters[0]", 11, "`values` must be given for `IN`"),
        ("preconditions:\n  id: p\n  where:\n    - id: w\n      filters: [{field: EXPRESSION, type: IS_TRUE, value: '{{ a'}]", "triggers[0].preconditions.where[0].filters[0].value", 11, "Invalid expression"),
        ("preconditions:\n  id: p\n  where:\n    - id: w\n      filters: [{field: STATE, type: REGEX, value: '['}]", "triggers[0].preconditions.where[0].filters[0]", 11, "no regular expression"),
        ("dependsOn: [{flowId: a, when: '{{ a'}]", "triggers[0].dependsOn[0].when", 7, "Invalid expression"),
        ("dependsOn: [{states: [SUCCESS]}]", "triggers[0].dependsOn[0]", 7, "`namespace` or `flowId` must be given"),
        ("dependsOn: [{flowId: a}]\nmode: AT_LEAST", "triggers[0]", 5, "belong together"),
        ("dependsOn: [{flowId: a}]\nwindow: {from: '06:00'}", "triggers[0].window", 8, "must be given together"),
        ("window: {deadline: '06:00'}", "triggers[0]", 5, "which is not given"),
        (f"conditions:\n  - type: {CONDITION}ExecutionFlow\n    namespace: a", "triggers[0].conditions[0].flowId", 8, "must not be null"),
        (f"conditions:\n  - type: {CONDITION}MultipleCondition\n    id: m\n    conditions:\n      a: {{type: {CONDITION}Nothing}}", "triggers[0].conditions[0].conditions.a.type", 11, "Invalid type"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(trigger: str, path: str, line: int, message: str) -> None:
    (found,) = validated(trigger).errors
    assert (found.path, found.line) == (path, line)
    assert message in found.message


def test_conditions_about_executions_belong_to_flow_triggers() -> None:
    trigger = f"conditions: [{{type: {CONDITION}ExecutionStatusCondition, in: [success]}}]"
    assert validated(trigger).errors == ()
    other = FLOW.replace("trigger.Flow", "trigger.Schedule\n    cron: '0 9 * * *'")
    (found,) = validate(other + "    " + trigger + "\n", PluginCatalog.load(())).errors
    assert "Invalid type" in found.message


def test_a_trigger_that_hears_of_everything_is_warned_of() -> None:
    (found,) = validated("states: [FAILED]").remarks
    assert "every execution of every other flow" in found.message
    assert validated("dependsOn: [{flowId: a}]").remarks == ()
