"""Calls that block run in threads, and end when the task is killed."""

from __future__ import annotations

import asyncio
import threading

import pytest

from toccata.kit.thread import in_thread


async def test_it_returns_what_the_call_returns_and_runs_elsewhere() -> None:
    assert await in_thread(lambda a, b: (a + b, threading.current_thread().name), 1, 2) == (
        3,
        "task:<lambda>",
    )


async def test_it_raises_what_the_call_raises() -> None:
    def fail() -> None:
        raise LookupError("no such row")

    with pytest.raises(LookupError, match="no such row"):
        await in_thread(fail)


async def test_a_call_that_raises_stop_iteration_ends_too() -> None:
    with pytest.raises(RuntimeError, match="StopIteration"):
        await in_thread(lambda: next(iter(())))


async def test_more_calls_block_at_once_than_asyncios_pool_has_threads() -> None:
    barrier = threading.Barrier(100)
    assert sorted(await asyncio.gather(*(in_thread(barrier.wait) for _ in range(100)))) == list(range(100))


async def test_a_kill_stops_the_call_and_waits_until_it_has_ended() -> None:
    began, stopped, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        began.set()
        stopped.wait()
        ended.set()

    task = asyncio.create_task(in_thread(work, stop=stopped.set))
    await asyncio.to_thread(began.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_what_a_stopped_call_raises_is_no_unheard_error() -> None:
    began, stopped = threading.Event(), threading.Event()

    def work() -> None:
        began.set()
        stopped.wait()
        raise RuntimeError("statement cancelled")

    task = asyncio.create_task(in_thread(work, stop=stopped.set))
    await asyncio.to_thread(began.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
