"""Given, when, then for the core of executions: flows as YAML, a hand that plays dispatch, workers and limits, a clock
that only moves when told. Every event is checked against the state tables as it comes."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from contracts.codec import encode
from contracts.execution import (
    AttemptEnded,
    AttemptRecord,
    AttemptStarted,
    ExecutionEvent,
    ExecutionRecord,
    History,
    KillExecution,
    RestartExecution,
    SlotGranted,
    SlotQueued,
    SlotRefused,
    StartExecution,
    TaskRunRecord,
)
from contracts.language.flow.parse import parse_flow
from contracts.language.flow.plan import Plan, compile_plan
from contracts.limit import AcquireSlot, ReleaseSlot
from contracts.machine import Input, Step, TimerDue
from contracts.message import Message
from contracts.telemetry import AttemptLogs
from contracts.work import EnqueueAttempt, RunAttempt, WithdrawAttempt
from services.executor.executions.event import JOURNAL
from services.executor.executions.machine import ExecutionMachine
from tests.support.projection import Projection, SeenExecution, SeenRun

NAMESPACE = "tests"
BEGIN = 1_800_000_000_000
_run_attempt = msgspec.json.Decoder(RunAttempt)


class FlowBook:
    """Flows by id, each revision compiled once; stands where the executor has its flow table."""

    def __init__(self, *sources: str) -> None:
        self._plans: dict[tuple[str, str], list[Plan]] = {}
        for source in sources:
            self.add(source)

    def add(self, source: str) -> Plan:
        parsed = parse_flow(textwrap.dedent(source), None)
        assert parsed.flow is not None, parsed.errors
        assert not parsed.errors, parsed.errors
        revisions = self._plans.setdefault((parsed.flow.namespace, parsed.flow.id), [])
        plan = compile_plan(parsed.flow.model_copy(update={"revision": len(revisions) + 1}))
        revisions.append(plan)
        return plan

    def plan(self, namespace: str, flow_id: str, revision: int | None = None) -> Plan | None:
        revisions = self._plans.get((namespace, flow_id), [])
        if revision is None:
            return revisions[-1] if revisions else None
        return revisions[revision - 1] if 0 < revision <= len(revisions) else None


@dataclass
class Attempt:
    """Handed to dispatch, not reported yet."""

    run: RunAttempt

    @property
    def name(self) -> str:
        value = self.run.variables["taskrun"].get("value")
        return self.run.task_id if value is None else f"{self.run.task_id}[{value}]"


@dataclass
class World:
    """One partition of executions with everything around it played by hand."""

    flows: FlowBook
    options: dict[str, Any] = field(default_factory=dict)
    at: int = BEGIN
    projection: Projection = field(default_factory=Projection)
    history: list[bytes] = field(default_factory=list)
    """The journal's events as recorded."""
    attempts: dict[str, Attempt] = field(default_factory=dict)
    """By task run id."""
    timers: dict[str, int] = field(default_factory=dict)
    logs: list[str] = field(default_factory=list)
    outbox: list[Any] = field(default_factory=list)
    steps: int = 0

    def __post_init__(self) -> None:
        self.machine = ExecutionMachine(self.flows, **self.options)

    # ---- inputs

    def when(self, message: Input) -> Step:
        step = self.machine.step(message, self.at)
        self._take(step)
        return step

    def failed(self, message: Input, error: str) -> Step:
        step = self.machine.fail(message, self.at, error)
        self._take(step)
        return step

    def start(self, flow_id: str, execution_id: str = "e1", **fields: Any) -> Step:
        fields.setdefault("at", self.at)
        return self.when(
            StartExecution(execution_id=execution_id, namespace=NAMESPACE, flow_id=flow_id, **fields)
        )

    def report(self, name: str, outcome: Any = "succeeded", **fields: Any) -> Step:
        """The one outcome of the attempt of this task (``leaf[value]`` in a loop)."""
        return self.when(self.outcome(name, outcome, **fields))

    def outcome(self, name: str, outcome: Any = "succeeded", **fields: Any) -> AttemptEnded:
        return self.outcome_of(self.attempt(name), outcome, **fields)

    def outcome_of(self, attempt: Attempt, outcome: Any, **fields: Any) -> AttemptEnded:
        run = attempt.run
        return AttemptEnded(
            execution_id=run.execution_id,
            task_run_id=run.task_run_id,
            attempt=run.attempt,
            outcome=outcome,
            at=self.at,
            worker_id="w1",
            started_at=self.at,
            **fields,
        )

    def begins(self, name: str) -> Step:
        run = self.attempt(name).run
        return self.when(
            AttemptStarted(
                execution_id=run.execution_id,
                task_run_id=run.task_run_id,
                attempt=run.attempt,
                worker_id="w1",
                at=self.at,
            )
        )

    def kill(self, execution_id: str = "e1") -> Step:
        return self.when(KillExecution(execution_id=execution_id, at=self.at))

    def restart(self, execution_id: str = "e1") -> Step:
        record = record_of(self.seen(execution_id), self.events_of(execution_id))
        return self.when(RestartExecution(execution_id=execution_id, at=self.at, record=record))

    def slot(self, kind: type[Message], execution_id: str = "e1", flow_id: str = "f", **fields: Any) -> Step:
        key = f"flow:{NAMESPACE}/{flow_id}"
        return self.when(kind(execution_id=execution_id, limit_key=key, at=self.at, **fields))

    def pass_time(self, millis: int) -> None:
        """Timers fire on the way, each at its due time."""
        until = self.at + millis
        while due := self._due(until):
            self.at = max(self.at, self.timers[due])
            self.fire(due)
        self.at = until

    def fire(self, name: str) -> Step:
        return self.when(TimerDue(name, self.timers.pop(name)))

    def settle(self) -> None:
        """Timers that are due now: the engine's own continuations."""
        self.pass_time(0)

    def run_to_end(self, outcome: Callable[[RunAttempt], str] = lambda _: "succeeded") -> None:
        """Report every attempt in the order of dispatch until nothing is left to report or to wait for."""
        while self.attempts or self.timers:
            self.settle()
            if self.attempts:
                name = next(iter(self.attempts.values())).name
                self.report(name, outcome(self.attempts[next(iter(self.attempts))].run))
            elif self.timers:
                self.pass_time(min(self.timers.values()) - self.at)

    # ---- what came of it

    def seen(self, execution_id: str = "e1") -> SeenExecution:
        return self.projection.executions[execution_id]

    def states(self, execution_id: str = "e1") -> dict[str, str]:
        return self.seen(execution_id).states()

    def state(self, execution_id: str = "e1") -> str:
        return self.seen(execution_id).state.value

    def run(self, name: str, execution_id: str = "e1") -> SeenRun:
        return self.seen(execution_id).run(name)

    def attempt(self, name: str) -> Attempt:
        found = [each for each in self.attempts.values() if each.name == name]
        assert found, f"no attempt of {name} is out, but {self.out()}"
        return found[-1]

    def out(self) -> list[str]:
        """Names of the tasks whose attempts are out."""
        return [each.name for each in self.attempts.values()]

    def sent(self, kind: type[Message]) -> list[Any]:
        return [message for message in self.outbox if isinstance(message, kind)]

    def events_of(self, execution_id: str) -> list[ExecutionEvent]:
        events = [JOURNAL.decode(raw) for raw in self.history]
        return [e for e in events if isinstance(e, ExecutionEvent) and e.execution_id == execution_id]

    def assert_rebuilds(self) -> None:
        """The state is the fold of its events, and survives a dump."""
        folded = ExecutionMachine(self.flows, **self.options)
        for raw in self.history:
            folded.evolve(JOURNAL.decode(raw))
        assert list(folded.dump()) == list(self.machine.dump())
        loaded = ExecutionMachine(self.flows, **self.options)
        loaded.load(reversed(list(self.machine.dump())))
        assert sorted(loaded.dump()) == sorted(self.machine.dump())

    def recover(self) -> None:
        """As after a crash: the machine is made anew from what was recorded."""
        folded = ExecutionMachine(self.flows, **self.options)
        for raw in self.history:
            folded.evolve(JOURNAL.decode(raw))
        self.machine = folded

    def _due(self, until: int) -> str | None:
        due = [(at, name) for name, at in self.timers.items() if at <= until]
        return min(due)[1] if due else None

    def _take(self, step: Step) -> None:
        self.steps += 1
        for event in step.events:
            self.history.append(encode(event))
            self.projection.see(JOURNAL.decode(self.history[-1]))
        for timer in step.timers:
            if timer.due is None:
                self.timers.pop(timer.name, None)
            else:
                self.timers[timer.name] = timer.due
        for out in step.outbox:
            self._receive(out.message)
        for event in step.events:
            if type(event).__name__ in ("TaskRunEnded", "TaskRunRetrying"):
                self.attempts.pop(event.task_run_id, None)  # type: ignore[attr-defined]

    def _receive(self, message: Message) -> None:
        self.outbox.append(message)
        if isinstance(message, EnqueueAttempt):
            run = _run_attempt.decode(message.run)
            self.attempts[message.task_run_id] = Attempt(run)
        elif isinstance(message, AttemptLogs):
            self.logs.extend(line.message for line in message.lines)


def record_of(seen: SeenExecution, events: list[ExecutionEvent]) -> ExecutionRecord:
    """The execution as web reads it from the projection."""
    created = events[0]
    fields = {
        name: getattr(created, name)
        for name in created.__struct_fields__
        if name in ExecutionRecord.__struct_fields__ and name != "seq"
    }
    fields["labels"] = seen.labels
    at = events[-1].at
    return ExecutionRecord(
        id=seen.id,
        seq=seen.seq,
        histories=[History(state, created.at) for state in seen.histories],
        outputs=seen.outputs,
        task_runs=[
            TaskRunRecord(
                id=run.id,
                task_id=run.task_id,
                parent_id=run.parent_id,
                value=run.value,
                iteration=run.iteration,
                histories=[History(state, at) for state in run.histories],
                attempts=[AttemptRecord(number=number + 1) for number in range(run.attempt)],
                outputs=run.outputs,
            )
            for run in seen.runs.values()
        ],
        **fields,
    )


__all__ = [
    "AcquireSlot",
    "FlowBook",
    "ReleaseSlot",
    "SlotGranted",
    "SlotQueued",
    "SlotRefused",
    "WithdrawAttempt",
    "World",
    "record_of",
]
