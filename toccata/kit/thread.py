"""Calls that block, in a thread of their own, so that the event loop and other tasks go on.

Whoever validates flows imports this, too, but no asyncio."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import asyncio

Result = TypeVar("Result")
STOP_SECONDS = 10.0
"""How long a stopped call may take to end. After that nobody waits for it."""


async def in_thread(
    work: Callable[..., Result], *arguments: Any, stop: Callable[[], None] | None = None
) -> Result:
    """Return what ``work`` returns, and raise what it raises.

    If the task is killed meanwhile, ``stop`` is called (in another thread, because it may block, too), and the call may end: so
    nothing that it uses is closed under it. ``stop`` must make ``work`` end soon: cancel the statement, close the socket.

    Each call has its own thread. It takes no place in asyncio's pool, which is small, and it holds up no exit."""
    import asyncio

    loop = asyncio.get_running_loop()
    ended: asyncio.Future[Result] = loop.create_future()

    def run() -> None:
        try:
            result = work(*arguments)
        except BaseException as error:  # noqa: BLE001 - it is raised where it is awaited
            _tell(loop, ended, None, error)
        else:
            _tell(loop, ended, result, None)

    threading.Thread(target=run, name=f"task:{getattr(work, '__name__', 'call')}", daemon=True).start()
    try:
        return await asyncio.shield(ended)
    except asyncio.CancelledError:
        await _stopped(ended, stop)
        raise


async def _stopped(ended: asyncio.Future[Any], stop: Callable[[], None] | None) -> None:
    ended.add_done_callback(_seen)
    if stop is None:
        return
    import asyncio

    with suppress(TimeoutError):
        async with asyncio.timeout(STOP_SECONDS):
            await in_thread(stop)
            await asyncio.wait([ended])


def _seen(ended: asyncio.Future[Any]) -> None:
    """The error of a call that was stopped is not missed by anybody."""
    if not ended.cancelled():
        ended.exception()


def _tell(
    loop: asyncio.AbstractEventLoop, ended: asyncio.Future[Any], result: Any, error: BaseException | None
) -> None:
    def settle() -> None:
        if ended.done():
            return
        if error is None:
            ended.set_result(result)
        elif isinstance(error, StopIteration):
            ended.set_exception(RuntimeError("a call in a thread raised StopIteration"))
        else:
            ended.set_exception(error)

    with suppress(RuntimeError):  # the loop has ended, so nobody waits
        loop.call_soon_threadsafe(settle)
