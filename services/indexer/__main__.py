"""``python -m services.indexer``: settings, compose, run."""

from __future__ import annotations

import asyncio
import sys

from services.indexer.compose import serve
from services.indexer.settings import IndexerSettings
from toccata.runtime.argument import take_no_arguments
from toccata.runtime.run import run_service


def main() -> int:
    take_no_arguments("python -m services.indexer", "Writes what happened into PostgreSQL.")
    settings = IndexerSettings()

    async def run(stop: asyncio.Event) -> None:
        await serve(settings, stop)

    return run_service("indexer", settings.common, run)


if __name__ == "__main__":
    sys.exit(main())
