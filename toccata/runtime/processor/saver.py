"""Takes the snapshots of one partition, and truncates its journal below them.

A snapshot is due by the records and the time since the last one, whatever the load: what is still owed is part of it. It is
dumped between two batches and written in the background. Only a complete manifest allows to truncate the journal, and only
below the manifest *before* it. So a snapshot that turns out to be unreadable costs nothing.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from toccata.runtime.errors import Transient
from toccata.runtime.kafka import Record
from toccata.runtime.log import get_logger
from toccata.runtime.processor import snapshot
from toccata.runtime.processor.metrics import ProcessorMetrics
from toccata.runtime.processor.ports import Ports
from toccata.runtime.processor.recovery import Recovered
from toccata.runtime.processor.snapshot import Manifest
from toccata.runtime.processor.spec import ProcessorSpec
from toccata.runtime.settings import ProcessorSettings

log = get_logger()
_RETRY_SECONDS = 5.0


class Saver:
    def __init__(
        self,
        spec: ProcessorSpec,
        ports: Ports,
        metrics: ProcessorMetrics,
        settings: ProcessorSettings,
        recovered: Recovered,
    ) -> None:
        self._spec, self._ports, self._metrics, self._settings = spec, ports, metrics, settings
        self._partition = recovered.partition
        self._keys = recovered.snapshot_keys
        self._last: Manifest | None = recovered.manifest
        self._generation = 0
        self._since = ports.clock.monotonic()
        self._writing: asyncio.Task[None] | None = None

    @property
    def unsaved(self) -> int:
        """The number of decisions since the last snapshot. Those that recovery replayed count."""
        return self._partition.seq - (self._last.seq if self._last is not None else 0)

    def due_in(self) -> float | None:
        """Return the seconds until a snapshot is due. None: nothing has changed, or one is being written."""
        if self.unsaved <= 0 or (self._writing is not None and not self._writing.done()):
            return None
        if self.unsaved >= self._settings.snapshot_records:
            return max(0.0, self._since - self._ports.clock.monotonic())
        return max(0.0, self._since + self._settings.snapshot_seconds - self._ports.clock.monotonic())

    def begin(self) -> None:
        """Take a snapshot of what is committed now, and write it in the background."""
        try:
            manifest, records = self._dump()
        except Exception as error:  # a bug; nothing is lost, because the journal is not truncated
            self._since = self._ports.clock.monotonic() + _RETRY_SECONDS
            log.error("snapshot_failed", **self._where(), exc_info=error)
            return
        self._writing = asyncio.get_running_loop().create_task(self._try(manifest, records))

    async def save(self) -> None:
        """Take a snapshot, and wait until it is complete. Raise Transient if it cannot be written."""
        await self.stop()
        await self._write(*self._dump())

    async def stop(self) -> None:
        """Stop writing. A snapshot without a manifest is never read."""
        if self._writing is not None:
            self._writing.cancel()
            with suppress(asyncio.CancelledError):
                await self._writing

    def _dump(self) -> tuple[Manifest, list[tuple[bytes, bytes]]]:
        began = self._ports.clock.monotonic()
        self._generation += 1
        partition = self._partition
        manifest, records = snapshot.build(
            partition.number, self._generation, partition.dump(), partition.machine.dump()
        )
        seconds = self._ports.clock.monotonic() - began
        size = sum(len(value) for _, value in records)
        self._metrics.snapshot(self._spec.name, partition.number, size, seconds)
        return manifest, records

    async def _try(self, manifest: Manifest, records: list[tuple[bytes, bytes]]) -> None:
        try:
            await self._write(manifest, records)
        except Transient as error:
            self._since = self._ports.clock.monotonic() + _RETRY_SECONDS
            log.warning("snapshot_not_written", **self._where(), reason=str(error))

    async def _write(self, manifest: Manifest, records: list[tuple[bytes, bytes]]) -> None:
        number = self._partition.number
        for key, value in records:
            # One after the other, because the manifest must not be durable before its parts.
            await self._ports.outbox.send(self._spec.snapshots, [Record(key, value, partition=number)])
        before, self._last = self._last, manifest
        self._since = self._ports.clock.monotonic()
        if before is not None:
            await self._forget(before)

    async def _forget(self, before: Manifest) -> None:
        """Remove what two complete snapshots have made needless: the journal below the older one, and still older snapshots."""
        old = snapshot.outdated(self._keys, before.epoch)
        if old:
            self._keys = [key for key in self._keys if key not in set(old)]
            removed = [Record(key, None, partition=self._partition.number) for key in old]
            await self._ports.outbox.send(self._spec.snapshots, removed)
        try:
            await self._ports.log.truncate(self._spec.journal, self._partition.number, before.offset)
        except Transient as error:
            # It only costs space. The next snapshot truncates further.
            log.warning("journal_not_truncated", **self._where(), offset=before.offset, reason=str(error))

    def _where(self) -> dict[str, object]:
        return {"processor": self._spec.name, "partition": self._partition.number}
