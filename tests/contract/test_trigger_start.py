"""A trigger gives the same start in every place that evaluates it: web for webhooks, the trigger-listener for events and
schedules. Each case is written once, and all places must agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import orjson
import pytest

from contracts.execution import StartExecution
from contracts.language.flow.parse import parse_flow
from contracts.language.types.trigger.event import EVENT
from contracts.language.types.trigger.schedule import SCHEDULE
from contracts.language.types.trigger.webhook import WEBHOOK
from contracts.machine import TimerDue
from contracts.registry import FlowState
from contracts.scalars import JsonObject
from contracts.trigger import DefineTrigger
from services.trigger_listener.core.incoming import IncomingEvent
from services.trigger_listener.core.machine import TriggerMachine
from services.trigger_listener.core.match import WhenFailed, event_triggers, start_of
from services.web.core.problem import Problem
from services.web.core.write.given import Owner
from services.web.core.write.start import CORRELATION, ORIGIN, Target, start_by_webhook
from services.web.core.write.webhook import Call, Moment, admit, hooks_of

Start: TypeAlias = tuple[JsonObject, dict[str, str]]
"""Inputs and labels."""
Outcome: TypeAlias = Start | str | None
"""None: no execution is wanted. A text: the reason why none can be started as written."""
Door: TypeAlias = Callable[[JsonObject], Outcome]
HOUR = 3_600_000


def by_webhook(templates: JsonObject) -> Outcome:
    (hook,) = hooks_of(_flow({"type": WEBHOOK.name, "key": "k", **_said(templates, "trigger.body.amount")}))
    call = Call("POST", [(b"content-type", b"application/json")], b"", b'{"amount": 1}')
    try:
        admitted = admit(hook, call, Moment(0, {}), Owner("company", "hello", "e1"))
    except Problem as refused:
        return refused.detail
    if admitted is None:
        return None
    command = start_by_webhook(Target("company", "hello", "e1", 0, 0, 1), admitted.trigger, admitted.start)
    return _outcome(command)


def by_event(templates: JsonObject) -> Outcome:
    source = _source({"type": EVENT.name, **_said(templates, "trigger.data.amount")})
    state = FlowState(namespace="company", flow_id="hello", revision=1, source=source, at=0, created_at=0)
    (trigger,) = event_triggers(state)
    event = IncomingEvent("order.created", "/shop", "", "o-1", {"data": {"amount": 1}})
    try:
        start = start_of(trigger, event, 0, 0)
    except WhenFailed as failed:
        return failed.reason
    return None if start is None else _outcome(start)


def by_schedule(templates: JsonObject) -> Outcome:
    machine = TriggerMachine()
    definition = {"cron": "0 * * * *", "allowConcurrent": True, **_said(templates, "1")}
    machine.step(
        DefineTrigger(
            namespace="company", flow_id="hello", revision=1, trigger_id="t",
            trigger_type=SCHEDULE.name, definition=definition, at=0,
        ),
        0,
    )  # fmt: skip
    step = machine.step(TimerDue("company/hello/t", HOUR), HOUR)
    starts = [out.message for out in step.outbox if isinstance(out.message, StartExecution)]
    return _outcome(starts[0]) if starts else None


DOORS: dict[str, Door] = {"webhook": by_webhook, "event": by_event, "schedule": by_schedule}
CASES: dict[str, tuple[JsonObject, Outcome]] = {
    "without templates": ({}, ({}, {})),
    "a when without braces that is false": ({"when": "AMOUNT > 100"}, None),
    "a when without braces that is true": ({"when": "AMOUNT > 0"}, ({}, {})),
    "a when with braces that is false": ({"when": "{{ AMOUNT > 100 }}"}, None),
    "a when that is the word false": ({"when": "false"}, None),
    "a when that is a number": ({"when": "{{ AMOUNT }}"}, ({}, {})),
    "a when that renders to nothing": ({"when": "{{ null }}"}, None),
    "an older condition that is false": (
        {"conditions": [{"type": "io.kestra.plugin.core.condition.Expression", "expression": "{{ AMOUNT > 100 }}"}]},
        None,
    ),
    "inputs are text, what holds no expression stays": (
        {"inputs": {"amount": "{{ AMOUNT }}", "fixed": 3, "on": True, "word": "a", "nothing": "{{ null }}"}},
        ({"amount": "1", "fixed": 3, "on": True, "word": "a", "nothing": ""}, {}),
    ),
    "within lists and maps too": (
        {"inputs": {"deep": {"{{ 'k' }}": ["{{ AMOUNT }}", 2]}, "map": "{{ {'a': AMOUNT} }}"}},
        ({"deep": {"k": ["1", 2]}, "map": '{"a":1}'}, {}),
    ),
    "a label that fails is left out": (
        {"labels": {"size": "{{ AMOUNT }}", "gone": "{{ nobody.knows }}", "fixed": "x"}},
        ({}, {"size": "1", "fixed": "x"}),
    ),
    "a truth in a label is written as everywhere": ({"labels": {"big": "{{ AMOUNT > 0 }}"}}, ({}, {"big": "true"})),
    "the flow is known": ({"inputs": {"flow": "{{ flow.namespace }}.{{ flow.id }}"}}, ({"flow": "company.hello"}, {})),
    "an input that fails": ({"inputs": {"a": "{{ nobody.knows }}"}}, "The inputs of the trigger could not be rendered"),
    "a when that fails": ({"when": "nobody.knows > 1"}, "The trigger's `when` could not be evaluated"),
    "a condition that nobody can judge": (
        {"conditions": [{"type": "io.kestra.plugin.core.condition.ExecutionStatus"}]},
        "ExecutionStatus is not supported",
    ),
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("case", CASES)
def test_every_door_gives_the_same_start(case: str, door: str) -> None:
    templates, expected = CASES[case]
    outcome = DOORS[door](templates)
    if isinstance(expected, str):
        assert isinstance(outcome, str)
        assert expected in outcome
    else:
        assert outcome == expected


def test_a_webhook_whose_when_has_no_braces_does_not_pass_everything() -> None:
    assert by_webhook({"when": "AMOUNT > 100"}) is None


def _said(templates: JsonObject, amount: str) -> JsonObject:
    said: JsonObject = orjson.loads(orjson.dumps(templates).replace(b"AMOUNT", amount.encode()))
    return said


def _source(trigger: JsonObject) -> str:
    flow = {
        "id": "hello",
        "namespace": "company",
        "tasks": [{"id": "say", "type": "io.kestra.plugin.core.log.Log", "message": "hi"}],
        "triggers": [{"id": "t", **trigger}],
    }
    return orjson.dumps(flow).decode()


def _flow(trigger: JsonObject) -> Any:
    parsed = parse_flow(_source(trigger), None)
    assert not parsed.errors
    return parsed.flow


def _outcome(start: StartExecution) -> Outcome:
    if start.failure:
        return start.failure
    labels = {key: value for key, value in start.labels.items() if key not in {CORRELATION, ORIGIN}}
    return start.inputs, labels
