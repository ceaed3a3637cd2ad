"""A long source is read in a thread before the registry decides about it. Its command waits, and the event loop does not."""

from __future__ import annotations

import asyncio
import threading

import pytest

from contracts.registry import DeleteFlow, PutFlow
from services.executor.adapters.reading_ahead import LONG_CHARS, ReadingAhead
from services.executor.registry.source import Facts, Unparsable, read_facts

HEAD = "id: long\nnamespace: ahead\nconcurrency: {limit: 3}\ntasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: hi}]\n"
WRONG = HEAD.replace("id: long", "id: other")


def put(source: str = HEAD, chars: int = LONG_CHARS) -> PutFlow:
    text = source + "#" * max(0, chars - len(source))
    return PutFlow(
        namespace="ahead", flow_id="long", source=text, mode="upsert", at=1, request_id="r", reply_to=0
    )


async def read_ahead(ahead: ReadingAhead, command: PutFlow, woken: asyncio.Event) -> None:
    assert not ahead.ready(command)
    await woken.wait()
    assert ahead.ready(command)


async def test_the_loop_goes_on_while_a_long_source_is_read() -> None:
    going_on, woken, times = threading.Event(), asyncio.Event(), []

    def read_slowly(source: str, namespace: str, flow_id: str) -> Facts:
        times.append(threading.current_thread())
        assert going_on.wait(30), "the loop was held"
        return read_facts(source, namespace, flow_id)

    ahead = ReadingAhead(woken.set, read_slowly)
    command = put()
    assert not ahead.ready(command)
    assert not ahead.ready(command), "asked again, as a gate is"
    await asyncio.sleep(0)
    going_on.set()
    await woken.wait()
    assert ahead.ready(command)
    assert ahead.facts(command.source, "ahead", "long").limit == 3
    assert len(times) == 1
    assert times[0] is not threading.main_thread()


async def test_short_sources_and_other_commands_are_not_held_back() -> None:
    ahead = ReadingAhead(lambda: None)
    assert ahead.ready(put(chars=0))
    assert ahead.ready(DeleteFlow(namespace="ahead", flow_id="long", at=1, request_id="r", reply_to=0))
    assert ahead.facts(HEAD, "ahead", "long").limit == 3


async def test_what_reading_raises_is_raised_where_the_registry_asks() -> None:
    woken = asyncio.Event()
    ahead = ReadingAhead(woken.set)
    command = put(WRONG)
    await read_ahead(ahead, command, woken)
    with pytest.raises(Unparsable, match="Illegal flow id update"):
        ahead.facts(command.source, "ahead", "long")

    def fail(_source: str, _namespace: str, _flow_id: str) -> Facts:
        raise ZeroDivisionError

    woken.clear()
    broken = ReadingAhead(woken.set, fail)
    await read_ahead(broken, put(), woken)
    with pytest.raises(ZeroDivisionError):
        broken.facts(put().source, "ahead", "long")


async def test_it_keeps_no_more_than_what_a_batch_can_have() -> None:
    woken = asyncio.Event()
    reads = []

    def count(source: str, _namespace: str, _flow_id: str) -> Facts:
        reads.append(len(source))
        return Facts()

    ahead = ReadingAhead(woken.set, count)
    large = [put(f"{HEAD}# {number}\n", 4_000_000) for number in range(5)]
    for command in large:
        woken.clear()
        await read_ahead(ahead, command, woken)
    assert ahead.ready(large[-1])
    assert not ahead.ready(large[0]), "the oldest one made room"
    await ahead.stop()
