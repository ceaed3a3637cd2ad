"""The process that holds the embedded servers of one test session, for all of its xdist workers.

It ends when its session asks for that, or when the session is gone.
"""

import asyncio
import json
import signal
import sys
from pathlib import Path

import psutil

from toccata.standalone.kafka import EmbeddedKafka
from toccata.standalone.postgres import EmbeddedPostgres

_WATCH_SECONDS = 0.5

HEAP_MB = 1536
"""All processes of a session use one broker."""


async def _host(directory: Path, server: str, session_pid: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    embedded: EmbeddedKafka | EmbeddedPostgres
    embedded = EmbeddedKafka(directory, heap_mb=HEAP_MB) if server == "kafka" else EmbeddedPostgres(directory)
    try:
        address = await embedded.start()
        announcement = directory / "announcement.part"
        announcement.write_text(json.dumps({"address": address}))
        announcement.replace(directory / "announcement.json")
        session = psutil.Process(session_pid)
        while not stop.is_set() and session.is_running():
            if embedded.pid is None:
                raise RuntimeError(f"the {server} of this session died; see its log")
            try:
                async with asyncio.timeout(_WATCH_SECONDS):
                    await stop.wait()
            except TimeoutError:
                continue
    finally:
        await embedded.stop()


if __name__ == "__main__":
    asyncio.run(_host(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
