"""All revisions of all flows. It reads ``flows.state`` to its end and then follows it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from contracts.codec import Codec
from contracts.language.flow.plan import Plan
from contracts.registry import FlowState
from toccata.runtime.errors import Transient
from toccata.runtime.fetch import Fetched, Reader
from toccata.runtime.flow_position import FlowPosition
from toccata.runtime.log import get_logger
from toccata.runtime.passed_over import take_each
from toccata.runtime.plans import Plans
from toccata.runtime.settings import KafkaSettings

log = get_logger()
_TOPIC = ("flows.state", 0)
_BACK_OFF_SECONDS = 0.5

Change = Callable[[FlowState], object]


class FlowTable:
    """Filled by ``run``. Lookups are pure and never wait."""

    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        self._reader = Reader(settings, f"{client_id}-flows")
        self._codec: Codec[FlowState] = Codec(FlowState)
        self._revisions: dict[tuple[str, str], dict[int, FlowState]] = {}
        self._plans = Plans(self._tell_compiled)
        self._waiting: list[Callable[[], None]] = []
        self._listeners: list[Change] = []
        self._caught_up = asyncio.Event()
        self._end_reader = Reader(settings, f"{client_id}-flows-end")
        self._position = FlowPosition()
        self._asked = asyncio.Event()

    def on_change(self, listener: Change) -> None:
        """Call ``listener`` for every revision in order, also while catching up."""
        self._listeners.append(listener)

    def on_compiled(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after each flow that :meth:`compiled` said is not compiled yet."""
        self._waiting.append(listener)

    @property
    def ready(self) -> bool:
        return self._caught_up.is_set()

    @property
    def position(self) -> int:
        """The offset of the last record read."""
        return self._position.read

    def has_read(self, position: int, asker: str) -> bool:
        """Return whether it was read to this offset, inclusive. Also True, soon, if no record has that offset."""
        reached = self._position.reached(position, asker)
        if self._position.questions():
            self._asked.set()
        return reached

    async def wait_ready(self) -> None:
        await self._caught_up.wait()

    def get(self, namespace: str, flow_id: str, revision: int | None = None) -> FlowState | None:
        """Return this revision, or the latest. None if it is unknown or if the latest is a deletion."""
        revisions = self._revisions.get((namespace, flow_id))
        if not revisions:
            return None
        if revision is not None:
            found = revisions.get(revision)
            return None if found is None or found.deleted else found
        latest = revisions[max(revisions)]
        return None if latest.deleted else latest

    def latest(self) -> Iterator[FlowState]:
        """Yield the latest revision of every flow that is not deleted."""
        for namespace, flow_id in list(self._revisions):
            found = self.get(namespace, flow_id)
            if found is not None:
                yield found

    def plan(self, namespace: str, flow_id: str, revision: int | None = None) -> Plan | None:
        """Return the compiled flow. None if it is unknown, or if this version cannot parse its source."""
        state = self.get(namespace, flow_id, revision)
        if state is None:
            return None
        return self._plans.of(state)

    def compiled(self, namespace: str, flow_id: str, revision: int | None = None) -> bool:
        """Return whether :meth:`plan` takes no time. If it would, a thread begins to compile; ``on_compiled`` tells the end."""
        state = self.get(namespace, flow_id, revision)
        return state is None or self._plans.prepare(state) is None

    def compile_new(self) -> None:
        """From now on, have a thread compile each long flow as soon as it is saved."""
        self.on_change(lambda state: self.ready and not state.removed and self._plans.prepare(state))

    async def prepare(self, namespace: str, flow_id: str, revision: int | None = None) -> None:
        """Return when :meth:`plan` takes no time."""
        state = self.get(namespace, flow_id, revision)
        task = None if state is None else self._plans.prepare(state)
        if task is not None:
            await asyncio.wait([task])

    async def run(self) -> None:
        """Read for ever. Wait while the broker is away."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read())
            group.create_task(self._answer())

    async def _answer(self) -> None:
        """Ask where the topic ends, when somebody names a position beyond what is known."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            questions = list(self._position.questions().items())
            try:
                self._position.ended(questions, (await self._end_reader.end_offsets([_TOPIC]))[_TOPIC])
            except Transient:
                self._asked.set()
                await asyncio.sleep(_BACK_OFF_SECONDS)

    async def _read(self) -> None:
        found = self._position
        start: int | str = "earliest"
        while True:
            try:
                await self._reader.assign({_TOPIC: start if isinstance(start, int) else "earliest"})
                found.end = (await self._reader.end_offsets([_TOPIC]))[_TOPIC]
                while True:
                    if self._reader.position(*_TOPIC) >= found.end:
                        # A compacted topic has gaps in its offsets, so use the reader's position, not the last record's.
                        found.read = max(found.read, self._reader.position(*_TOPIC) - 1)
                        self._caught_up.set()
                    take_each((await self._reader.poll()).get(_TOPIC, ()), self._take)
                    found.end = max(found.end, self._reader.position(*_TOPIC))
                    start = self._reader.position(*_TOPIC)
            except Transient as error:
                log.warning("flows_unreachable", reason=str(error))
                await asyncio.sleep(_BACK_OFF_SECONDS)

    async def stop(self) -> None:
        await self._plans.stop()
        await self._reader.stop()
        await self._end_reader.stop()

    def _take(self, fetched: Fetched) -> None:
        # First, because whoever waits for this position must not wait for a record that cannot be taken.
        self._position.read = fetched.offset
        if fetched.value is None:
            return
        state = self._codec.decode(fetched.value)
        revisions = self._revisions.setdefault((state.namespace, state.flow_id), {})
        if state.removed:
            revisions.pop(state.revision, None)
        else:
            revisions[state.revision] = state
        for listener in self._listeners:
            listener(state)

    def _tell_compiled(self) -> None:
        for listener in self._waiting:
            listener()
