"""Reading a source lets the event loop go on."""

from __future__ import annotations

import asyncio
import threading

import pytest

from services.web.shell.reading import INLINE_CHARS, MOST_READERS, Reading


async def test_a_long_source_is_read_while_the_loop_goes_on() -> None:
    going_on = threading.Event()

    def read(source: str) -> int:
        assert going_on.wait(30), "the loop was held"
        return len(source)

    reading = asyncio.create_task(Reading().read("x" * (INLINE_CHARS + 1), read))
    await asyncio.sleep(0)
    going_on.set()
    assert await reading == INLINE_CHARS + 1


async def test_few_sources_are_read_at_once() -> None:
    present, most = 0, 0
    lock, full = threading.Lock(), threading.Barrier(MOST_READERS)

    def read(_: str) -> None:
        nonlocal present, most
        with lock:
            present += 1
            most = max(most, present)
        full.wait(30)
        with lock:
            present -= 1

    reading = Reading()
    await asyncio.gather(*(reading.read("x" * (INLINE_CHARS + 1), read) for _ in range(2 * MOST_READERS)))
    assert most == MOST_READERS


async def test_a_short_source_is_read_here_and_what_reading_raises_is_raised() -> None:
    assert await Reading().read("x", lambda _: threading.current_thread()) is threading.main_thread()
    with pytest.raises(ValueError, match="invalid"):
        await Reading().read("x" * (INLINE_CHARS + 1), int)
