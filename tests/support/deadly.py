"""A real process that an input kills, run again and again until it lives."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from toccata.cli.dead.letter import Found, letters
from toccata.runtime.settings import KafkaSettings

ROOT = Path(__file__).parents[2]
MILD = "mild"
"""The word with which such a process lets the input live."""


def die() -> None:
    """End this process as the killer of the system would."""
    os.kill(os.getpid(), signal.SIGKILL)


@asynccontextmanager
async def process(
    module: str, *words: str, variables: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a module until the end of the block."""
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *words,
        cwd=ROOT,
        env=os.environ | (variables or {}),
        stderr=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.terminate()
            await running.wait()


async def one_letter(settings: KafkaSettings, running: asyncio.subprocess.Process) -> Found | None:
    """Wait until there is a letter, or the process has died."""
    async with asyncio.timeout(90):
        while running.returncode is None:
            found = await letters(settings)
            if found:
                return found[0]
            await asyncio.wait([asyncio.ensure_future(running.wait())], timeout=0.2)
    return None


async def toccata(settings: KafkaSettings, *words: str) -> str:
    """Run a command, and return what it prints."""
    variables = {
        "TOCCATA_KAFKA_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "TOCCATA_KAFKA_TOPIC_PREFIX": settings.topic_prefix,
    }
    command = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "toccata.cli",
        *words,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | variables,
    )
    printed, _ = await command.communicate()
    assert command.returncode == 0
    return printed.decode()
