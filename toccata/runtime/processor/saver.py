"""Takes the snapshots of one partition, and truncates its journal below them.

A snapshot is due by the records and the time since the last one, whatever the load: what is still owed is part of it. What
changed is dumped between two batches and written in the background. Only a complete manifest allows to truncate the journal,
and only below the manifest *before* it. So a snapshot that turns out to be unreadable costs nothing.

A former owner may be writing a snapshot, but it cannot begin one: that needs a journal that ends where its own records end.
Nor does it remove what its snapshot does not need, because the next owner may stand on it: that waits until one begins.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from toccata.runtime.errors import Fenced, Transient
from toccata.runtime.kafka import Record
from toccata.runtime.log import get_logger
from toccata.runtime.processor.metrics import ProcessorMetrics
from toccata.runtime.processor.ports import Ports
from toccata.runtime.processor.recovery import Recovered
from toccata.runtime.processor.snapshot import Draft
from toccata.runtime.processor.spec import ProcessorSpec
from toccata.runtime.settings import ProcessorSettings

log = get_logger()
_RETRY_SECONDS = 5.0
_WRITE_RECORDS = 2_000
_WRITE_BYTES = 4 * 1024 * 1024


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
        self._store = recovered.store
        self._last = recovered.saved
        self._needless: list[bytes] = []
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

    async def begin(self, journal_end: Callable[[], Awaitable[int]]) -> None:
        """Take a snapshot of what is committed now, and write it in the background. Raise Fenced if another owner has begun."""
        try:
            end = await journal_end()
        except Transient as error:
            self._put_off(error)
            return
        if end != self._partition.next_offset:
            raise Fenced(f"the journal ends at offset {end}, expected {self._partition.next_offset}")
        try:
            draft = self._dump()
        except Exception as error:  # a bug; nothing is lost, because the journal is not truncated
            self._since = self._ports.clock.monotonic() + _RETRY_SECONDS
            log.error("snapshot_failed", **self._where(), exc_info=error)
            return
        self._writing = asyncio.get_running_loop().create_task(self._replace(draft))

    async def save(self) -> None:
        """Take a snapshot, and wait until it is complete. Raise Transient if it cannot be written."""
        await self.stop()
        await self._write(self._dump())

    async def stop(self) -> None:
        """Stop writing. A snapshot without a manifest is never read."""
        if self._writing is not None:
            self._writing.cancel()
            with suppress(asyncio.CancelledError):
                await self._writing

    def _dump(self) -> Draft:
        began = self._ports.clock.monotonic()
        partition = self._partition
        draft = self._store.begin(partition)
        seconds = self._ports.clock.monotonic() - began
        self._metrics.snapshot(self._spec.name, partition.number, draft, seconds)
        return draft

    async def _replace(self, draft: Draft) -> None:
        """Remove what the last complete snapshot made needless, then write. Whoever has owned the journal since :meth:`begin` looked at
        its end has read that snapshot, because recovery looks for newer ones after its epoch record."""
        try:
            await self._send([(key, None) for key in self._needless])
            self._store.removed()
            self._needless = []
            await self._write(draft)
        except Transient as error:
            self._put_off(error)

    def _put_off(self, error: Transient) -> None:
        self._since = self._ports.clock.monotonic() + _RETRY_SECONDS
        log.warning("snapshot_not_written", **self._where(), reason=str(error))

    async def _write(self, draft: Draft) -> None:
        await self._send(draft.records)
        await self._send([draft.last])  # only now, because it must not be durable before its cells
        self._needless = self._store.complete()
        before, self._last = self._last, draft.saved
        self._since = self._ports.clock.monotonic()
        if before is not None:
            await self._truncate(before.offset)

    async def _send(self, records: Sequence[tuple[bytes, bytes | None]]) -> None:
        """Write records in pieces, and wait for each, so that what is owed to others is not held up for long."""
        piece: list[Record] = []
        size = 0
        for key, value in records:
            piece.append(Record(key, value, partition=self._partition.number))
            size += len(value or b"")
            if len(piece) == _WRITE_RECORDS or size > _WRITE_BYTES:
                await self._ports.outbox.send(self._spec.snapshots, piece)
                piece, size = [], 0
        if piece:
            await self._ports.outbox.send(self._spec.snapshots, piece)

    async def _truncate(self, offset: int) -> None:
        """Cut the journal below the older of two complete snapshots."""
        try:
            await self._ports.log.truncate(self._spec.journal, self._partition.number, offset)
        except Transient as error:
            # It only costs space. The next snapshot truncates further.
            log.warning("journal_not_truncated", **self._where(), offset=offset, reason=str(error))

    def _where(self) -> dict[str, object]:
        return {"processor": self._spec.name, "partition": self._partition.number}
