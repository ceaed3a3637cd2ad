"""A start from outside may name a flow, its inputs and labels, a date, and an id of its own. Nothing that only services know."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from contracts.execution import ExecutionRecord, ParentRef, Replay, StartExecution, TriggerRef
from contracts.public_start import not_public
from contracts.scalars import derive_id

PLAIN = StartExecution(execution_id="order-7", namespace="shop", flow_id="ship", at=1)
RECORD = ExecutionRecord(id="e", namespace="shop", flow_id="ship", revision=1, seq=1, histories=[])
MAY: dict[str, Any] = {
    "execution_id": "0b6f1a0e-3b0a-4a51-9d4c-3a1c2f0b7e11",
    "namespace": "other",
    "flow_id": "pay",
    "at": 2,
    "inputs": {"amount": 250},
    "labels": {"team": "shop"},
    "scheduled_at": 5,
    "breakpoints": ["charge"],
    "flows_position": 7,
    "trace_parent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
}
MAY_NOT: dict[str, Any] = {
    "execution_id": derive_id("schedule", "shop/ship/nightly", "1"),
    "labels": {"team": "shop", "system.username": "admin"},
    "trigger": TriggerRef(id="hook", type="Webhook"),
    "trigger_key": "shop/ship/nightly",
    "parent_id": "p",
    "original_id": "o",
    "attempt_number": 2,
    "revision": 3,
    "kind": "TEST",
    "failure": "no",
    "replay": Replay(record=RECORD),
    "variables": {"v": 1},
    "parent": ParentRef(execution_id="p", task_run_id="r"),
}


def test_every_field_is_decided() -> None:
    """A new field of the message has to be put on one of the two lists."""
    assert {*MAY, *MAY_NOT} == {each.name for each in msgspec.structs.fields(StartExecution)}


@pytest.mark.parametrize("field", MAY)
def test_what_may_be_said(field: str) -> None:
    assert not_public(msgspec.structs.replace(PLAIN, **{field: MAY[field]})) == ""


@pytest.mark.parametrize("field", MAY_NOT)
def test_what_only_services_say_is_refused_by_its_name(field: str) -> None:
    assert f"`{field}`" in not_public(msgspec.structs.replace(PLAIN, **{field: MAY_NOT[field]}))
