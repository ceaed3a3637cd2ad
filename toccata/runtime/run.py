"""Runs a service from ``__main__`` to its exit code: uvloop, signals, orderly shutdown."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable

from toccata.runtime.errors import Fatal, ToccataError
from toccata.runtime.log import configure, get_logger
from toccata.runtime.memory_limit import limit_memory
from toccata.runtime.privacy import keep_private
from toccata.runtime.rendering_limit import interrupt_long_renderings
from toccata.runtime.settings import CommonSettings

EXIT_FATAL = 70
"""EX_SOFTWARE. The supervisor restarts the process; the log is intact."""


def instance_name(settings: CommonSettings, service: str) -> str:
    """Return the name of this replica. It is stable if the settings give one."""
    return settings.instance or f"{service}-{socket.gethostname()}-{os.getpid()}"


def run_service(
    service: str, settings: CommonSettings, main: Callable[[asyncio.Event], Awaitable[None]]
) -> int:
    """Run ``main(stop)``. SIGTERM or SIGINT sets ``stop``. Return the exit code once ``main`` has returned."""
    import uvloop

    keep_private()
    configure(service, settings.log_level)
    interrupt_long_renderings()
    limit_memory(settings.memory_limit_mb)
    # Imported modules stay and messages make few cycles, so full collections would cost pauses and find nothing.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    return uvloop.run(_run(settings, main))


async def _run(settings: CommonSettings, main: Callable[[asyncio.Event], Awaitable[None]]) -> int:
    log = get_logger()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    work = asyncio.ensure_future(main(stop))
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            log.info("service_draining", seconds=settings.drain_seconds)
            await asyncio.wait({work}, timeout=settings.drain_seconds)
            if not work.done():
                log.warning("drain_deadline_passed")
                work.cancel()
        await work
    except asyncio.CancelledError:
        return 1
    except BaseException as error:
        fatal = _first(error)
        log.error("service_failed", reason=repr(fatal), exc_info=error)
        return EXIT_FATAL if isinstance(fatal, Fatal | ToccataError) else 1
    finally:
        stopped.cancel()
    log.info("service_stopped")
    sys.stderr.flush()
    return 0


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
