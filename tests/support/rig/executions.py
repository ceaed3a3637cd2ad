"""The rig of executions: flows as YAML. The test plays dispatch, workers and limits. Every event is checked against the state
tables at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from contracts.evaluation import Answer
from contracts.execution import (
    AttemptEnded,
    AttemptRecord,
    AttemptStarted,
    ExecutionEvent,
    ExecutionRecord,
    History,
    KillExecution,
    RestartExecution,
    StartExecution,
    TaskRunRecord,
)
from contracts.machine import Step
from contracts.message import Message
from contracts.telemetry import AttemptLogs
from contracts.work import EnqueueAttempt, RunAttempt, StopAttempt, WithdrawAttempt
from services.executor.executions.event import JOURNAL
from services.executor.executions.machine import ExecutionMachine
from tests.support.flow_book import FlowBook
from tests.support.projection import Projection, SeenExecution, SeenRun
from tests.support.rig import Rig

NAMESPACE = "tests"
_run_attempt = msgspec.json.Decoder(RunAttempt)


@dataclass
class Attempt:
    """An attempt that was handed to dispatch and not reported yet."""

    run: RunAttempt

    @property
    def name(self) -> str:
        value = self.run.variables.get("taskrun", {}).get("value")
        return self.run.task_id if value is None else f"{self.run.task_id}[{value}]"


class ExecutionRig(Rig[ExecutionMachine]):
    """One partition of executions. The test plays everything around it."""

    def __init__(self, *sources: str, **options: Any) -> None:
        """``options`` are those of the machine."""
        self.flows = FlowBook(*sources)
        super().__init__(lambda: ExecutionMachine(self.flows, **options))
        self.projection = Projection()
        self.attempts: dict[str, Attempt] = {}
        """By task run id: handed to dispatch and not reported yet."""
        self.questions: dict[str, Attempt] = {}
        """By id: evaluations that were handed to dispatch and not answered yet."""
        self.groups: dict[str, str] = {}
        """By task run or evaluation id: the worker group of its last attempt."""
        self.logs: list[str] = []

    # When

    def take(self, step: Step) -> None:
        before = len(self.journal)
        super().take(step)
        for raw in self.journal[before:]:
            self.projection.see(JOURNAL.decode(raw))
        for out in step.outbox:
            self._receive(out.message)
        for event in step.events:
            if type(event).__name__ in ("TaskRunEnded", "TaskRunRetrying"):
                self.attempts.pop(event.task_run_id, None)  # type: ignore[attr-defined]

    def _receive(self, message: Message) -> None:
        if isinstance(message, EnqueueAttempt):
            self._hand_out(self.read(message))
            self.groups[message.task_run_id] = message.group
        elif isinstance(message, RunAttempt):
            self._hand_out(message)
        elif isinstance(message, WithdrawAttempt | StopAttempt):
            self.questions.pop(message.task_run_id, None)
        elif isinstance(message, AttemptLogs):
            self.logs.extend(line.message for line in message.lines)

    @staticmethod
    def read(message: EnqueueAttempt) -> RunAttempt:
        return _run_attempt.decode(message.run)

    def _hand_out(self, run: RunAttempt) -> None:
        out = self.questions if run.questions else self.attempts
        out[run.task_run_id] = Attempt(run)

    def start(self, flow_id: str, execution_id: str = "e1", **fields: Any) -> Step:
        fields.setdefault("at", self.now)
        return self.when(
            StartExecution(execution_id=execution_id, namespace=NAMESPACE, flow_id=flow_id, **fields)
        )

    def report(self, name: str, outcome: Any = "succeeded", **fields: Any) -> Step:
        """Report the outcome of this task's attempt (``leaf[value]`` in a loop)."""
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
            at=self.now,
            worker_id="w1",
            started_at=self.now,
            **fields,
        )

    def answer(self, name: str = "", *answers: Any, outcome: Any = "succeeded", **fields: Any) -> Step:
        """Answer the questions of this task (empty: of the flow). An exception stands for an error of the template."""
        question = self.question(name)
        del self.questions[question.run.task_run_id]
        found = [Answer(error=str(a)) if isinstance(a, Exception) else Answer(a) for a in answers]
        return self.when(self.outcome_of(question, outcome, answers=found, **fields))

    def begins(self, name: str) -> Step:
        run = self.attempt(name).run
        return self.when(
            AttemptStarted(
                execution_id=run.execution_id,
                task_run_id=run.task_run_id,
                attempt=run.attempt,
                worker_id="w1",
                at=self.now,
            )
        )

    def kill(self, execution_id: str = "e1") -> Step:
        return self.when(KillExecution(execution_id=execution_id, at=self.now))

    def restart_execution(self, execution_id: str = "e1") -> Step:
        record = record_of(self.seen(execution_id), self.events_of(execution_id))
        return self.when(RestartExecution(execution_id=execution_id, at=self.now, record=record))

    def slot(self, kind: type[Message], execution_id: str = "e1", flow_id: str = "f", **fields: Any) -> Step:
        key = f"flow:{NAMESPACE}/{flow_id}"
        return self.when(kind(execution_id=execution_id, limit_key=key, at=self.now, **fields))

    def run_to_end(self, outcome: Callable[[RunAttempt], str] = lambda _: "succeeded") -> None:
        """Report every attempt in the order of dispatch, until nothing is left to report or to wait for."""
        while self.attempts or self.timers:
            self.settle()
            if self.attempts:
                name = next(iter(self.attempts.values())).name
                self.report(name, outcome(self.attempts[next(iter(self.attempts))].run))
            elif self.timers:
                self.wait_until(min(self.timers.values()))

    # Then

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

    def question(self, name: str = "") -> Attempt:
        found = [each for each in self.questions.values() if each.name == name]
        assert found, f"nothing is asked for {name or 'the flow'}, but for {self.asked()}"
        return found[-1]

    def asked(self) -> dict[str, list[str]]:
        """Return the templates that are out, by task (empty: of the flow)."""
        return {each.name: [q.template for q in each.run.questions] for each in self.questions.values()}

    def out(self) -> list[str]:
        """Return the names of the tasks whose attempts are out."""
        return [each.name for each in self.attempts.values()]

    def events_of(self, execution_id: str) -> list[ExecutionEvent]:
        events = [JOURNAL.decode(raw) for raw in self.journal]
        return [e for e in events if isinstance(e, ExecutionEvent) and e.execution_id == execution_id]

    def assert_rebuilds(self) -> None:
        """Also check that its items may come in any order."""
        super().assert_rebuilds()
        loaded = self.make()
        loaded.load(reversed(list(self.machine.dump())))
        assert sorted(loaded.dump()) == sorted(self.machine.dump())


def started(*sources: str, options: dict[str, Any] | None = None, **start: Any) -> ExecutionRig:
    """Return a rig that has started the flow ``f`` of these as ``e1``."""
    rig = ExecutionRig(*sources, **options or {})
    rig.start("f", **start)
    return rig


def record_of(seen: SeenExecution, events: list[ExecutionEvent]) -> ExecutionRecord:
    """Return the execution as web reads it from the projection."""
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
