"""An indexer that is killed by log lines with the text ``poison``, unless it is called with ``mild``.

``python -m tests.support.deadly_indexer [mild]`` has the indexer's settings, and runs until SIGTERM.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterable

from contracts.telemetry import AttemptLogs
from services.indexer import shell
from services.indexer.compose import composed
from services.indexer.core.change import Changes, Known, Seen
from services.indexer.core.project import project
from services.indexer.settings import IndexerSettings
from tests.support.deadly import MILD, die
from toccata.runtime.log import configure


def deadly_project(known: Known, batch: Iterable[Seen]) -> Changes:
    items = list(batch)
    said = [item.message for item in items if isinstance(item.message, AttemptLogs)]
    if any("poison" in line.message for logs in said for line in logs.lines):
        die()
    return project(known, items)


async def serve() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with composed(IndexerSettings()) as (indexer, _):
        await indexer.run(stop)


if __name__ == "__main__":
    configure("indexer", "info")
    if MILD not in sys.argv:
        shell.project = deadly_project  # type: ignore[attr-defined] # planted where the shell calls it
    asyncio.run(serve())
