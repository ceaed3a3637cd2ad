"""A long source is compiled in a thread for whoever can wait, and the event loop goes on."""

from __future__ import annotations

import asyncio
import threading

import pytest

from contracts.language.flow.plan import Plan
from contracts.registry import FlowState
from toccata.runtime.plans import LONG_CHARS, Plans, compile_state

HEAD = "id: long\nnamespace: plans\ntasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: hi}]\n"


def state(chars: int = 0, revision: int = 1) -> FlowState:
    source = HEAD + "#" * max(0, chars - len(HEAD))
    return FlowState(namespace="plans", flow_id="long", revision=revision, source=source, at=1, created_at=1)


async def test_the_loop_goes_on_while_a_long_source_is_compiled() -> None:
    going_on, compiled = threading.Event(), asyncio.Event()

    def compile_slowly(flow: FlowState) -> Plan | None:
        assert threading.current_thread() is not threading.main_thread()
        assert going_on.wait(30), "the loop was held"
        return compile_state(flow)

    plans = Plans(compiled.set, compile_slowly)
    task = plans.prepare(state(LONG_CHARS))
    assert task is not None
    assert plans.prepare(state(LONG_CHARS)) is task, "it is compiled once"
    await asyncio.sleep(0)
    going_on.set()
    await compiled.wait()
    assert plans.prepare(state(LONG_CHARS)) is None
    found = plans.of(state(LONG_CHARS))  # this would fail in the main thread
    assert found is not None
    assert found.flow.id == "long"


async def test_a_short_source_and_a_known_one_need_no_thread() -> None:
    plans = Plans(lambda: None)
    assert plans.prepare(state()) is None
    plans.of(state(LONG_CHARS))
    assert plans.prepare(state(LONG_CHARS)) is None


async def test_what_cannot_be_compiled_is_not_tried_for_ever() -> None:
    def fail(_: FlowState) -> Plan | None:
        raise ZeroDivisionError

    plans = Plans(lambda: None, fail)
    task = plans.prepare(state(LONG_CHARS))
    assert task is not None
    await task
    assert plans.prepare(state(LONG_CHARS)) is None
    with pytest.raises(ZeroDivisionError):
        plans.of(state(LONG_CHARS))
