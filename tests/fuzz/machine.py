"""Every machine in its partition: records as their topics may hold them, passing time and restarts. No step may raise, what is owed
must be readable for its receiver, and the journal must give the same state again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeAlias

from hypothesis import strategies as st

from contracts.work import EnqueueAttempt
from services.executor.__main__ import specs
from services.executor.adapters.reading_ahead import ReadingAhead
from services.executor.settings import ExecutorSettings
from services.trigger_listener.__main__ import spec
from services.trigger_listener.settings import TriggerListenerSettings
from tests.fuzz.record import CODECS
from tests.fuzz.related import AT, RUN, SAMPLES, related
from tests.simulation.flows import FixedFlows
from toccata.plugins.host.catalog import PluginCatalog
from toccata.runtime.processor.input import Failing, Offered, Position
from toccata.runtime.processor.outgoing import Sendable
from toccata.runtime.processor.partition import Partition
from toccata.runtime.processor.spec import ProcessorSpec

Move: TypeAlias = "tuple[str, str] | int"
"""A record as topic and text, or milliseconds that pass. 0: the owner restarts."""
_FLOWS: Any = FixedFlows()
SPECS: dict[str, ProcessorSpec] = {
    each.name: replace(each, sources=[replace(source, key=None, ready=None) for source in each.sources])
    for each in (
        *specs(ExecutorSettings(), _FLOWS, _FLOWS, ReadingAhead(lambda: None), PluginCatalog.ours()),
        spec(TriggerListenerSettings(), PluginCatalog.ours()),
    )
}
DECLARED: tuple[type[Exception], ...] = ()
_PASSING = [1, 1_000, 3_000, 15_000, 60_000, 3_600_000, 90_000_000]


def _moves(processor: str) -> st.SearchStrategy[list[Move]]:
    topics = {source.topic for source in SPECS[processor].sources}
    names = [name for name in SAMPLES if name.split(" ")[0] in topics]
    starts = [name for name in names if name.startswith("executions.admitted ")]
    records = related([*names, *starts * 3])
    move = st.one_of(records, records, records, st.sampled_from(_PASSING), st.just(0))
    return st.lists(move, min_size=10, max_size=70)


EXAMPLES: st.SearchStrategy[tuple[str, list[Move]]] = st.one_of(
    *(st.tuples(st.just(name), _moves(name)) for name in sorted(SPECS))
)


class World:
    """One partition on a journal in memory."""

    def __init__(self, processor: str) -> None:
        self._spec = SPECS[processor]
        self._journal: list[bytes] = []
        self._runs: list[str] = []
        """Task runs that were handed to dispatch."""
        self._offsets: dict[int, int] = {}
        self._owners = 0
        self._failing: dict[Position, Failing] = {}
        self.now = AT
        self.partition = self._own()

    def _own(self) -> Partition:
        partition = Partition(self._spec.name, 0, self._spec.machine(0), self._spec.sources, self._failing)
        for offset, value in enumerate(self._journal):
            partition.replay(offset, value)
        self._owners += 1
        _, record = partition.begin(self._owners, self.now)
        partition.began(self._append([record]))
        return partition

    def _append(self, values: list[bytes]) -> int:
        base = len(self._journal)
        self._journal.extend(values)
        return base

    def move(self, move: Move) -> None:
        if move == 0:
            self.restart()
        elif isinstance(move, int):
            self.now += move
            self._decide([])
        else:
            self._decide([self._offered(*move)])

    def restart(self, *, raised: bool = False) -> None:
        """The next owner finds the same state in the journal, unless the step of the last input raised in its middle."""
        before = sorted(self.partition.machine.dump())
        self.partition = self._own()
        assert raised or sorted(self.partition.machine.dump()) == before

    def _offered(self, topic: str, text: str) -> Offered:
        for number in range(4):
            if self._runs:
                text = text.replace(f'"{RUN}{number}"', f'"{self._runs[number % len(self._runs)]}"')
        index = next(n for n, source in enumerate(self._spec.sources) if source.topic == topic)
        offset = self._offsets[index] = self._offsets.get(index, -1) + 1
        return Offered(index, offset, b"k", text.encode("utf-8", "surrogatepass"), self.now)

    def _decide(self, offered: list[Offered]) -> None:
        while True:
            values = self.partition.decide(offered, self.now)
            self.partition.committed(self._append(values))
            raised = self.partition.raised
            if raised is not None:
                # Effects that cannot be stored have a short reason, and the step is failed. A trace is a machine that raised.
                assert not raised.trace.startswith("Traceback"), raised.trace
                self._failing[raised.input] = raised.failing
                self.restart(raised=True)
                continue
            offered = []
            if not values:
                break
        through, owed = self.partition.unsent(100_000)
        for each in owed:
            self._receive(each)
        self.partition.sent(through)

    def _receive(self, owed: Sendable) -> None:
        codec = CODECS.get(owed.topic)
        if codec is not None and owed.value:  # without a value it is a tombstone
            message = codec.decode(owed.value)
            if isinstance(message, EnqueueAttempt) and message.task_run_id not in self._runs:
                self._runs.append(message.task_run_id)


def check(example: tuple[str, list[Move]]) -> None:
    processor, moves = example
    world = World(processor)
    for move in moves:
        world.move(move)
    world.restart()
