"""Empties the projection and projects the topics again from their beginning. A running indexer stands by meanwhile.

The command is ``python -m services.indexer.rebuild [--accept-loss]``, with the indexer's settings.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from services.indexer.adapters.postgres import open_projection
from services.indexer.adapters.table import TABLES
from services.indexer.adapters.writer_lock import claimed_projection
from services.indexer.batch import PARTITIONS
from services.indexer.compose import composed
from services.indexer.settings import IndexerSettings
from toccata.runtime.clock import now_ms
from toccata.runtime.errors import Refused, ToccataError
from toccata.runtime.fetch import Reader, TopicPartition
from toccata.runtime.log import configure, get_logger
from toccata.runtime.postgres import close, connect, outages

log = get_logger()

_FORGETFUL = frozenset({"workers.events", "flows.state"})
"""Topics whose past may be missing. Heartbeats come again, and ``flows.state`` is compacted, so its state is complete."""


class HistoryGone(Refused):
    """The topics begin after offset 0. A rebuild would lose the rows of records that retention removed."""

    def __init__(self, partitions: dict[TopicPartition, int]) -> None:
        shown = ", ".join(f"{topic}/{partition}" for topic, partition in sorted(partitions)[:5])
        super().__init__(
            f"retention has removed the beginning of {len(partitions)} partitions ({shown} …): "
            "a rebuild would lose their rows; accept that with --accept-loss, or keep the projection"
        )
        self.partitions = partitions


async def rebuild(settings: IndexerSettings, *, accept_loss: bool = False) -> int:
    """Rebuild, and return the number of projected records. Raise HistoryGone or InUse before any change."""
    reader = Reader(settings.kafka, "toccata-rebuild")
    try:
        begins = await reader.beginning_offsets(list(PARTITIONS))
        ends = await reader.end_offsets(list(PARTITIONS))
    finally:
        await reader.stop()
    gone = {p: at for p, at in begins.items() if at > 0 and p[0] not in _FORGETFUL}
    if gone and not accept_loss:
        raise HistoryGone(gone)
    async with claimed_projection(settings.database):
        await _empty(settings)
        log.info("projection_emptied", records=sum(ends[p] - begins[p] for p in PARTITIONS))
        goal = {p: end for p, end in ends.items() if end > begins[p]}
        await _project_until(settings, goal)
    return sum(ends[p] - begins[p] for p in PARTITIONS)


async def _empty(settings: IndexerSettings) -> None:
    def taking_over() -> None:
        log.info("writer_stands_by")

    projection = await open_projection(settings.database, now_ms, taking_over, has_claim=True)
    await projection.close()
    connection = await connect(settings.database, "toccata-rebuild")
    try:
        async with outages():
            await connection.execute(
                f"TRUNCATE {', '.join(table.name for table in TABLES)}, projection_offsets"
            )
    finally:
        await close(connection)


async def _project_until(settings: IndexerSettings, goal: dict[TopicPartition, int]) -> None:
    stop = asyncio.Event()
    async with composed(settings, has_claim=True) as (indexer, _), asyncio.TaskGroup() as group:
        group.create_task(indexer.run(stop))
        await indexer.reached(goal)
        stop.set()


def main() -> int:
    """Return the exit code: 0, or 1 with the reason on standard error."""
    parser = argparse.ArgumentParser(
        prog="toccata rebuild", description="Rebuild the projection from the topics."
    )
    parser.add_argument(
        "--accept-loss",
        action="store_true",
        help="rebuild even if retention has removed the beginning of topics",
    )
    arguments = parser.parse_args()
    settings = IndexerSettings()
    configure("indexer", settings.common.log_level)
    try:
        records = asyncio.run(rebuild(settings, accept_loss=arguments.accept_loss))
    except ToccataError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"The projection was rebuilt from {records} records.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
