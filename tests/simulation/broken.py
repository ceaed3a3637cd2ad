"""Deliberately broken variants of the engine. Each leaves out one duty, and the simulation must catch every one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from zlib import crc32

from msgspec import Raw, msgpack, structs

from contracts.codec import encode
from contracts.execution import AttemptEnded, TaskRunStarted
from contracts.limit import ReleaseSlot
from contracts.machine import Logged, Outgoing, Step, TimerDue
from contracts.states import State
from contracts.work import EnqueueAttempt, RunAttempt, WorkerReported
from services.executor.dispatch.machine import DispatchMachine
from services.executor.executions.ended import EndedIds
from services.executor.executions.machine import DAY_MS, ExecutionMachine
from services.executor.limits.machine import LimitMachine
from tests.simulation import broken_leases
from tests.simulation.flows import FixedFlows
from tests.simulation.owner import Faults, Kind, Owner
from tests.simulation.world import all_light, real_kinds
from toccata.runtime.errors import Fenced
from toccata.runtime.processor.cells import CellStore
from toccata.runtime.processor.journal import decode_record, encode_record
from toccata.runtime.processor.partition import Partition
from toccata.runtime.processor.snapshot import Saved


class NoFence(Partition):
    """Accepts any offset for its batch."""

    def committed(self, base_offset: int) -> None:
        super().committed(self.next_offset if self._in_flight else base_offset)


class NoEpochFilter(Partition):
    """Applies the records of a former owner as if they were the owner's."""

    def replay(self, offset: int, value: bytes | None) -> None:
        record = decode_record(value)
        if record.epoch < self.epoch:
            record = decode_record(encode_record(type(record)(self.epoch, *_rest(record))))
            record = type(record)(self.epoch, self.seq + 1, *_rest(record)[1:])
        super().replay(offset, encode_record(record))


def _rest(record: Any) -> list[Any]:
    return [getattr(record, name) for name in record.__struct_fields__[1:]]


class EpochBeforeItLands(Partition):
    """Takes its epoch before the record is in the log. So it treats the owner's records in between as a former owner's."""

    def begin(self, nonce: int, now: int = 0) -> tuple[int, bytes]:
        expected, record = super().begin(nonce, now)
        self.epoch += 1
        return expected, record

    def began(self, offset: int) -> None:
        self.epoch -= 1
        try:
            super().began(offset)
        except Fenced:
            self.epoch += 1
            raise


class OffsetBeforeAppend(Owner):
    """Remembers inputs as processed before it knows that the append landed."""

    processed: dict[int, int] | None = None

    def decide(self, now: int) -> None:
        super().decide(now)
        assert self.partition is not None
        self.processed = dict(self.partition.processed)

    def recover(self) -> None:
        super().recover()
        assert self.partition is not None
        if self.processed is not None:
            self.partition.processed = self.processed
            self.positions = [self.processed.get(i, -1) + 1 for i in range(len(self.kind.sources))]


class SendBeforeAppend(Owner):
    """Sends commands and events while the append is still in flight."""

    def decide(self, now: int) -> None:
        super().decide(now)
        assert self.partition is not None
        for record, _, events in self.partition._in_flight:
            for item in self.partition.outgoing.sendables(record, events):
                self.log.append(item.topic, item.key, item.value, item.partition)


class MarkBeforeAcknowledgement(Owner):
    """Marks records as sent when sending has only begun."""

    def send(self, faults: Faults) -> None:
        assert self.partition is not None
        through, _ = self.partition.unsent(50)
        super().send(faults)
        if self.partition is not None:
            self.partition.sent(through)


class TimersLostOnRestore(Partition):
    def cell(self, entity: str) -> bytes:
        items = list(self.machine.dump_entity(entity))
        return msgpack.encode(([], items)) if items else b""


class ZombieSnapshot(Owner):
    """Writes snapshots with the state of a batch that is still in flight."""

    def append(self, faults: Faults) -> None:
        if self.partition is not None and self.random.random() < 0.3:
            in_flight, self.partition._in_flight = self.partition._in_flight, []
            if self.saving is None:
                self.begin_snapshot(replace(faults, torn_snapshot=0.0))
            if self.partition is None:
                return
            self.partition._in_flight = in_flight
        super().append(faults)


class SnapshotWithoutOwed(Partition):
    """Takes snapshots at any time, but leaves out what is still owed."""

    def dump(self) -> dict[str, Any]:
        return super().dump() | {"owed": [], "mark": self.seq}


class OneSlot(CellStore):
    """Writes a cell over the one that the last complete snapshot needs."""

    def _slot(self, before: int | None, epoch: int) -> int:
        return 0


class WritesOverCells(Owner):
    def load_snapshot(self, partition: Partition) -> None:
        super().load_snapshot(partition)
        self.store.__class__ = OneSlot


class RemovesAtOnce(Owner):
    """Removes what its snapshot made needless although the next owner may stand on it."""

    def complete_snapshot(self, saved: Saved) -> None:
        super().complete_snapshot(saved)
        assert self.store is not None
        for key in self.needless:
            self.log.append(f"{self.kind.name}.snapshots", key, None, self.number)
        self.store.removed()
        self.needless = []


class TrustsWhatItRead(Owner):
    """Does not look for a snapshot that was completed before its epoch record."""

    def manifests(self) -> dict[bytes, bytes | None]:
        return {}


class ForgetsWhatChanged(ExecutionMachine):
    """Names only some of the entities that events touched."""

    def take_touched(self) -> Iterable[str]:
        return [entity for entity in super().take_touched() if crc32(entity.encode()) % 4]


class ExpiringJournal(Owner):
    """Cuts the journal by age, as retention does, whatever the snapshots cover. Recovery must refuse what is left."""

    def step(self, now: int, faults: Faults) -> None:
        super().step(now, faults)
        journal = f"{self.kind.name}.journal"
        if self.random.random() < 0.01:
            self.log.truncate(journal, self.number, self.log.end(journal, self.number) - 20)


class TakesWhatIsLeft(Partition):
    """Accepts a journal that lacks its beginning or has holes."""

    def _refuse(self, offset: int, what: str) -> None:
        self.damage.append(what)


class CutsBeforeTheManifest(Owner):
    """Truncates the journal below a snapshot that is not written yet."""

    def begin_snapshot(self, faults: Faults) -> None:
        assert self.partition is not None
        self.log.truncate(f"{self.kind.name}.journal", self.number, self.partition.next_offset)
        super().begin_snapshot(faults)


class ForgetsEndedIds(ExecutionMachine):
    """Does not recognise repeated starts: one that comes again after the end runs again."""

    def step(self, message: Any, at: int) -> Step:
        if isinstance(message, Logged):
            self.state.ended = EndedIds(DAY_MS)
        return super().step(message, at)


class Raises(ExecutionMachine):
    """Has a bug in one of twelve steps, which shows only after it has changed state. The runtime must end what it was about.

    Steps that end an execution after a bug have none: that is the last thing that can be done."""

    def step(self, message: Any, at: int) -> Step:
        step = super().step(message, at)
        if isinstance(message, TimerDue):
            wrong = crc32(message.name.encode()) % 12 == 0 and not message.name.startswith("end/")
        else:
            inner = message.message if isinstance(message, Logged) else message
            wrong = crc32(encode(inner)) % 12 == 0
        if wrong:
            raise RuntimeError("a bug")
        return step


class RaisesInVain(Raises):
    """Leaves an execution as it is after a bug."""

    def fail(self, message: Any, at: int, error: str) -> Step:
        return Step()


class OldStartsVanish(ExecutionMachine):
    """Ignores a start that waited for longer than the window."""

    def step(self, message: Any, at: int) -> Step:
        return (
            Step() if isinstance(message, Logged) and at - message.at > DAY_MS else super().step(message, at)
        )


class NoAttemptFence(ExecutionMachine):
    """Accepts outcomes of stale attempts."""

    def step(self, message: Any, at: int) -> Step:
        if isinstance(message, AttemptEnded):
            execution = self.state.executions.get(message.execution_id)
            run = execution.runs.get(message.task_run_id) if execution else None
            if run is not None and run.attempt > message.attempt:
                message = _with(message, attempt=run.attempt, outcome="succeeded")
        return super().step(message, at)


def _with(message: AttemptEnded, **changes: Any) -> AttemptEnded:
    import msgspec

    return msgspec.structs.replace(message, **changes)


class NeverAsksAgain(ExecutionMachine):
    """Waits for the answer of a worker that is gone."""

    def step(self, message: Any, at: int) -> Step:
        if isinstance(message, AttemptEnded) and message.outcome == "lost":
            execution = self.state.executions.get(message.execution_id)
            if execution is not None and message.task_run_id in execution.asking:
                return Step()
        return super().step(message, at)


class TakesStaleAnswers(ExecutionMachine):
    """Accepts the answer of any attempt."""

    def step(self, message: Any, at: int) -> Step:
        if isinstance(message, AttemptEnded):
            execution = self.state.executions.get(message.execution_id)
            asking = execution.asking.get(message.task_run_id) if execution is not None else None
            if execution is not None and asking is not None:
                message = _with(message, attempt=execution.evaluations[asking].attempt)
        return super().step(message, at)


class ForgetsQuestions(ExecutionMachine):
    """Takes snapshots without what is asked."""

    def dump_entity(self, entity: str) -> Iterable[bytes]:
        items = list(super().dump_entity(entity))
        execution = self.state.executions.get(entity)
        asked = execution is not None and execution.evaluations
        return [item for item in items if not asked or b"evaluation" not in item[:40]]


class ForgetsRanges(ExecutionMachine):
    """Takes snapshots without the ranges that loops over tasks run over. Those have a body, so the last field is not null."""

    def dump_entity(self, entity: str) -> Iterable[bytes]:
        items = super().dump_entity(entity)
        return [item for item in items if b"\xa4span" not in item[:20] or item.endswith(b"\xc0")]


class SendsToOneGroup(DispatchMachine):
    """Gives everything to the workers of the default group."""

    def step(self, message: Any, at: int) -> Step:
        if isinstance(message, EnqueueAttempt):
            message = structs.replace(message, group="default")
        return super().step(message, at)


class NeverReleases(LimitMachine):
    """Loses a slot that is returned."""

    def step(self, message: Any, at: int) -> Step:
        return Step() if isinstance(message, ReleaseSlot) else super().step(message, at)


class NeverChecks(LimitMachine):
    """Believes that each release arrives."""

    def step(self, message: Any, at: int) -> Step:
        return Step() if isinstance(message, TimerDue) else super().step(message, at)


class ReleasesTwice(LimitMachine):
    """Frees another slot with each one that is returned."""

    def step(self, message: Any, at: int) -> Step:
        step = super().step(message, at)
        limit = self.state.by_key.get(message.limit_key) if isinstance(message, ReleaseSlot) else None
        for other in list(limit.holders)[:1] if limit else []:
            again = ReleaseSlot(limit_key=message.limit_key, execution_id=other, at=at)
            extra = super().step(again, at)
            step.events += extra.events
            step.outbox += extra.outbox
        return step


class NoLease(DispatchMachine):
    """Does not notice that a worker is gone."""

    def step(self, message: Any, at: int) -> Step:
        return Step() if isinstance(message, TimerDue) else super().step(message, at)


class LosesWhatIsOnItsWay(DispatchMachine):
    """Believes that everything it sent has arrived."""

    def step(self, message: Any, at: int) -> Step:
        if isinstance(message, WorkerReported) and message.running is not None:
            message = structs.replace(message, received_through=2**31 - 1)
        return super().step(message, at)


class DispatchesBeforeItIsAsked(ExecutionMachine):
    """Sends every attempt a second time as the next one, which begins without its own record."""

    def step(self, message: Any, at: int) -> Step:
        step = super().step(message, at)
        for out in [o for o in step.outbox if isinstance(o.message, EnqueueAttempt)]:
            import msgspec

            ask = out.message
            assert isinstance(ask, EnqueueAttempt)
            run = msgspec.json.decode(ask.run) | {"attempt": ask.attempt + 1}
            again = msgspec.structs.replace(
                ask, attempt=ask.attempt + 1, run=msgspec.Raw(msgspec.json.encode(run))
            )
            step.outbox.append(replace(out, message=again))
        return step


class BeginsAtBreakpoints(ExecutionMachine):
    """Forgets that it stopped."""

    def step(self, message: Any, at: int) -> Step:
        execution = self.state.executions.get(getattr(message, "execution_id", ""))
        if execution is not None and execution.state is State.BREAKPOINT:
            execution.held = False
        return super().step(message, at)


class SendsAnywhere(ExecutionMachine):
    """Sends tasks that share a directory to any worker."""

    def step(self, message: Any, at: int) -> Step:
        step = super().step(message, at)
        step.outbox[:] = [
            replace(out, message=structs.replace(out.message, worker_id=""))
            if isinstance(out.message, EnqueueAttempt)
            else out
            for out in step.outbox
        ]
        return step


class DispatchesWhatItDecided(ExecutionMachine):
    """Also sends a worker what was decided in place."""

    def step(self, message: Any, at: int) -> Step:
        step = super().step(message, at)
        for event in [event for event in step.events if isinstance(event, TaskRunStarted)]:
            run = RunAttempt(
                execution_id=event.execution_id,
                task_run_id=event.task_run_id,
                attempt=event.attempt,
                namespace="sim",
                flow_id="line",
                revision=1,
                task_id="a",
                task_type="t",
                task=Raw(b"{}"),
                variables={},
            )
            ask = EnqueueAttempt(
                group="default",
                execution_id=event.execution_id,
                task_run_id=event.task_run_id,
                attempt=event.attempt,
                fair_key="f",
                at=at,
                run=Raw(encode(run)),
            )
            step.outbox.append(Outgoing("dispatch.commands", "default", ask))
        return step


def _kinds(name: str, **changes: Any) -> Callable[[], list[Kind]]:
    return lambda: [replace(kind, **changes) if name in {kind.name, "*"} else kind for kind in real_kinds()]


_FLOWS = FixedFlows()


def _executions(
    broken: type[ExecutionMachine], *, in_place: bool = False
) -> Callable[[int], ExecutionMachine]:
    return lambda number: broken(_FLOWS, in_place=in_place, borrower=number, is_light=all_light)


def kinds_with_bugs() -> list[Kind]:
    """The real engine, whose executions core raises now and then."""
    return _kinds("executions", machine=_executions(Raises, in_place=True), may_raise=True)()


never_checks = _kinds("limits", machine=lambda _: NeverChecks())
BROKEN: dict[str, Callable[[], list[Kind]]] = {
    "no fence": _kinds("*", partition=NoFence),
    "no epoch filter": _kinds("*", partition=NoEpochFilter),
    "epoch before it lands": _kinds("*", partition=EpochBeforeItLands),
    "offset before append": _kinds("*", owner=OffsetBeforeAppend),
    "send before append": _kinds("*", owner=SendBeforeAppend),
    "mark before acknowledgement": _kinds("*", owner=MarkBeforeAcknowledgement),
    "timers lost on restore": _kinds("*", partition=TimersLostOnRestore),
    "snapshot of what is in flight": _kinds("*", owner=ZombieSnapshot),
    "snapshot without what is owed": _kinds("*", partition=SnapshotWithoutOwed),
    "cells over those of the last snapshot": _kinds("*", owner=WritesOverCells),
    "snapshot without some of what changed": _kinds("executions", machine=_executions(ForgetsWhatChanged)),
    "journal that expires": _kinds("*", owner=ExpiringJournal),
    "recovery from what is left": _kinds("*", owner=ExpiringJournal, partition=TakesWhatIsLeft),
    "journal cut before the manifest": _kinds("*", owner=CutsBeforeTheManifest),
    "no de-duplication of starts": _kinds("executions", machine=_executions(ForgetsEndedIds)),
    "old starts vanish": _kinds("executions", machine=_executions(OldStartsVanish)),
    "a bug leaves its execution open": _kinds(
        "executions", machine=_executions(RaisesInVain), may_raise=True
    ),
    "no attempt fence": _kinds("executions", machine=_executions(NoAttemptFence)),
    "lost questions are not asked again": _kinds("executions", machine=_executions(NeverAsksAgain)),
    "stale answers count": _kinds("executions", machine=_executions(TakesStaleAnswers)),
    "snapshot without questions": _kinds("executions", machine=_executions(ForgetsQuestions)),
    "snapshot without ranges": _kinds("executions", machine=_executions(ForgetsRanges)),
    "tasks begin at a breakpoint": _kinds("executions", machine=_executions(BeginsAtBreakpoints)),
    "shared directories anywhere": _kinds("executions", machine=_executions(SendsAnywhere)),
    "one group for all": _kinds("dispatch", machine=lambda _: SendsToOneGroup()),
    "slots never released": _kinds("limits", machine=lambda _: NeverReleases()),
    "slots released twice": _kinds("limits", machine=lambda _: ReleasesTwice()),
    "no lease": _kinds("dispatch", machine=lambda _: NoLease()),
    "attempts on their way are lost": _kinds("dispatch", machine=lambda _: LosesWhatIsOnItsWay()),
    "decided in place and dispatched": _kinds(
        "executions", machine=_executions(DispatchesWhatItDecided, in_place=True)
    ),
    "attempt without a record": _kinds("executions", machine=_executions(DispatchesBeforeItIsAsked)),
    "revocations ignored": _kinds("executions", machine=_executions(broken_leases.IgnoresRevocations)),
    "lost under a lease, and awaited": _kinds(
        "executions", machine=_executions(broken_leases.WaitsForTheLost)
    ),
    "places given back early": _kinds("executions", machine=_executions(broken_leases.GivesPlacesBackEarly)),
    "places kept": _kinds("executions", machine=_executions(broken_leases.KeepsPlaces)),
    "more attempts than places": _kinds("executions", machine=_executions(broken_leases.CrowdsLeases)),
    "leases taken twice": _kinds("executions", machine=_executions(broken_leases.TakesLeasesTwice)),
    "snapshot without leases": _kinds("executions", machine=_executions(broken_leases.ForgetsLeases)),
    "nobody hears of revocations": _kinds("dispatch", machine=lambda _: broken_leases.TellsNobody()),
    "new sessions missed": _kinds("dispatch", machine=lambda _: broken_leases.MissesNewSessions()),
    "more places lent than there are": _kinds("dispatch", machine=lambda _: broken_leases.LendsTooMuch()),
    "snapshot without the ledger": _kinds("dispatch", machine=lambda _: broken_leases.ForgetsTheLedger()),
}
