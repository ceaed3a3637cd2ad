from __future__ import annotations

import time
from typing import Any

import orjson
import pytest

from contracts.execution import StartExecution
from contracts.language.flow.trigger_start import StartTemplates
from contracts.language.types.trigger.event import EVENT
from contracts.registry import FlowState
from contracts.scalars import derive_id
from services.trigger_listener.core.incoming import read_event
from services.trigger_listener.core.match import EventTrigger, Matchers, WhenFailed, event_triggers, start_of
from tests.unit.trigger_listener.core.record import HEADERS, Record


def a_flow(*triggers: dict[str, Any], revision: int = 1, flow_id: str = "hello", **header: Any) -> FlowState:
    written = [{"id": f"t{n}", "type": EVENT.name} | trigger for n, trigger in enumerate(triggers)]
    source = {
        "id": flow_id,
        "namespace": "company.team",
        "tasks": [{"id": "say", "type": "io.kestra.plugin.core.log.Log", "message": "hi"}],
        "triggers": written,
    } | header
    return FlowState(
        namespace="company.team",
        flow_id=flow_id,
        revision=revision,
        source=orjson.dumps(source).decode(),
        at=1_000,
        created_at=1_000,
    )


def starts(*triggers: dict[str, Any], record: Record | None = None) -> list[StartExecution]:
    record = record or Record()
    matchers = Matchers()
    matchers.replace("company.team", "hello", event_triggers(a_flow(*triggers)))
    event = read_event(record)
    found = [start_of(trigger, event, 5_000, 7) for trigger in matchers.matching(record.topic, event)]
    return [start for start in found if start is not None]


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        ({}, 1),
        ({"eventType": "order.created"}, 1),
        ({"eventType": "order.*"}, 1),
        ({"eventType": "order.deleted"}, 0),
        ({"source": "/shop/*"}, 1),
        ({"source": "/shop"}, 0),
        ({"subject": "orders/?"}, 1),
        ({"subject": "orders/[2-9]"}, 0),
        ({"eventType": "order.created", "source": "/shop/paris"}, 0),
        ({"when": "{{ trigger.data.amount > 10 }}"}, 1),
        ({"when": "{{ trigger.data.amount > 20 }}"}, 0),
        ({"when": "trigger.data.amount > 20"}, 0),
        ({"when": "trigger.type == 'order.created' and trigger.headers.ce_id == 'o-1'"}, 1),
        ({"topic": "shop.orders"}, 0),
        ({"disabled": True}, 0),
    ],
)
def test_all_that_a_trigger_names_must_match(trigger: dict[str, Any], expected: int) -> None:
    assert len(starts(trigger)) == expected


def test_a_start_carries_identity_inputs_and_variables() -> None:
    (start,) = starts({"inputs": {"amount": "{{ trigger.data.amount }}", "fixed": 1}, "labels": {"a": "b"}})

    assert start == StartExecution(
        execution_id=derive_id("event", "company.team/hello/t0", "/shop/berlin", "o-1"),
        namespace="company.team",
        flow_id="hello",
        at=5_000,
        revision=1,
        inputs={"amount": "12", "fixed": 1},
        labels={"a": "b"},
        trigger=start.trigger,
        flows_position=7,
    )
    assert start.trigger is not None
    assert (start.trigger.id, start.trigger.type) == ("t0", EVENT.name)
    assert start.trigger.variables == read_event(Record()).variables


def test_the_same_event_again_is_the_same_execution_another_id_is_not() -> None:
    headers = [(name, text.encode()) for name, text in (HEADERS | {"ce_id": "o-2"}).items()]

    first, again, other = (
        starts({}),
        starts({}, record=Record(offset=99)),
        starts({}, record=Record(headers=headers)),
    )

    assert first[0].execution_id == again[0].execution_id != other[0].execution_id


def test_every_matching_trigger_starts_its_own_execution() -> None:
    found = starts({"eventType": "order.created"}, {"eventType": "order.*"}, {"eventType": "other"})

    assert len({start.execution_id for start in found}) == 2


def test_a_condition_that_does_not_render_counts_as_false_and_says_so() -> None:
    with pytest.raises(WhenFailed) as raised:
        starts({"when": "{{ trigger.data.nothing.at.all > 1 }}"})

    assert raised.value.trigger.key == "company.team/hello/t0"
    assert raised.value.event.id == "o-1"
    assert raised.value.reason


def test_inputs_that_do_not_render_make_a_start_that_fails() -> None:
    (start,) = starts({"inputs": {"a": "{{ nobody.knows }}"}})

    assert "nobody" in start.failure
    assert start.inputs == {"a": "{{ nobody.knows }}"}


def test_a_new_revision_replaces_the_triggers_of_the_old_one() -> None:
    matchers = Matchers()
    event = read_event(Record())
    matchers.replace("company.team", "hello", event_triggers(a_flow({}, {"topic": "shop.orders"})))
    assert matchers.topics() == {"events": 0, "shop.orders": 1_000}

    matchers.replace("company.team", "hello", event_triggers(a_flow({"eventType": "x"}, revision=2)))
    assert matchers.topics() == {"events": 0}
    assert list(matchers.matching("events", event)) == []

    matchers.replace("company.team", "hello", event_triggers(None))
    assert matchers._by_flow == {}
    assert matchers._topics == {}


@pytest.mark.parametrize(
    "state",
    [
        a_flow({}, disabled=True),
        FlowState(namespace="n", flow_id="f", revision=2, source="", at=1, created_at=1, deleted=True),
        FlowState(namespace="n", flow_id="f", revision=2, source=f"{EVENT.name}: [", at=1, created_at=1),
        None,
    ],
)
def test_disabled_deleted_and_unreadable_flows_have_no_triggers(state: FlowState | None) -> None:
    assert event_triggers(state) == ()


def test_ten_thousand_triggers_do_not_cost_a_scan() -> None:
    matchers = Matchers()
    for number in range(10_000):
        trigger = EventTrigger(
            "n", f"f{number}", 1, "t", 0, "events", f"type.{number}", None, None, StartTemplates(), {}
        )
        matchers.replace("n", f"f{number}", (trigger,))
    headers = [(name, text.encode()) for name, text in (HEADERS | {"ce_type": "type.77"}).items()]
    event = read_event(Record(headers=headers))

    began = time.perf_counter()
    for _ in range(1_000):
        assert len(list(matchers.matching("events", event))) == 1
    assert time.perf_counter() - began < 0.5, "10,000 comparisons for each event would take seconds"


def test_the_trace_of_an_event_goes_on_in_its_execution():
    trace = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    traced = Record(headers=[*Record().headers, ("ce_traceparent", trace)])
    assert [start.trace_parent for start in starts({}, record=traced)] == [trace.decode()]
    assert [start.trace_parent for start in starts({})] == [None]
