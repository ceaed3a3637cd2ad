"""Laws of the executions core over random flows, random orders of outcomes, duplicates, kills, losses and restarts."""

from __future__ import annotations

import json
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.evaluation import Answer
from contracts.execution import DeleteExecution, ExecutionEvent, ExecutionRecord, TaskRunCreated
from contracts.machine import TimerDue
from contracts.states import ENDED, State
from tests.support.rig.executions import NAMESPACE, ExecutionRig, record_of

FLOW = "io.kestra.plugin.core.flow."
FLOWABLES = ["Sequential", "Parallel", "Dag", "If", "Switch", "AllowFailure", "ForEach", "EachSequential", "EachParallel", "LoopUntil",
             "WaitFor", "Pause"]  # fmt: skip
"""All that run no child executions; those are in the simulation."""
SIDE_BY_SIDE = ("Parallel", "Dag")
BEHAVIORS = st.sampled_from(["FAIL", "CANCEL", "NONE"])
OUTCOMES = ("succeeded", "succeeded", "succeeded", "failed", "warned", "timed_out", "lost")


class Names:
    """Ids of tasks, each used once in a flow."""

    def __init__(self) -> None:
        self.count = 0

    def next(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"


@st.composite
def tasks(draw: Any, names: Names, depth: int) -> list[dict[str, Any]]:
    return [draw(task(names, depth)) for _ in range(draw(st.integers(1, 3)))]


@st.composite
def task(draw: Any, names: Names, depth: int) -> dict[str, Any]:
    kind = draw(st.sampled_from(["Log"] * 5 + FLOWABLES if depth else ["Log", "Log", "Pause"]))
    common: dict[str, Any] = {}
    if draw(st.integers(0, 4)) == 0:
        common["allowFailure"] = True
    if draw(st.integers(0, 6)) == 0:
        common["runIf"] = draw(
            st.sampled_from(["false", "{{ 1 == 1 }}", "{{ no.such }}", "{{ secret('A') }}"])
        )
    if draw(st.integers(0, 9)) == 0:
        common["disabled"] = True
    if kind == "Log":
        if draw(st.integers(0, 3)) == 0:
            common["retry"] = {"type": "constant", "interval": "PT1S", "maxAttempts": draw(st.integers(1, 3))}
        name = names.next("t")
        return {"id": name, "type": "io.kestra.plugin.core.log.Log", "message": name, **common}
    name = names.next(kind[0].lower())
    made: dict[str, Any] = {"id": name, "type": FLOW + kind, **common}
    if draw(st.integers(0, 6)) == 0 and kind != "Pause":
        made["timeout"] = draw(st.sampled_from(["PT2S", "PT1H", "{{ no.such }}", "{{ secret('D') }}"]))
    _lists(draw, names, made, depth - 1)
    _settings(draw, made)
    _clean_up(draw, names, made, depth - 1)
    return made


def _lists(draw: Any, names: Names, made: dict[str, Any], depth: int) -> None:
    kind = made["type"].rpartition(".")[2]
    if kind == "Pause":
        made["pauseDuration"] = "PT2S"
        made["behavior"] = draw(st.sampled_from(["RESUME", "WARN", "FAIL", "CANCEL"]))
    elif kind == "Switch":
        made["value"] = draw(st.sampled_from(["a", "b", "{{ secret('E') }}"]))
        made["cases"] = {"a": draw(tasks(names, depth))}
        if draw(st.booleans()):
            made["defaults"] = draw(tasks(names, depth))
    elif kind == "Dag":
        inner = draw(tasks(names, depth))
        made["tasks"] = [
            {"task": each, "dependsOn": [other["id"] for other in inner[:at] if draw(st.booleans())]}
            for at, each in enumerate(inner)
        ]
    elif kind == "If":
        made["condition"] = draw(
            st.sampled_from(["true", "{{ 1 == 2 }}", "{{ no.such }}", "{{ secret('B') }}"])
        )
        made["then"] = draw(tasks(names, depth))
        if draw(st.booleans()):
            made["else"] = draw(tasks(names, depth))
    else:
        made["tasks"] = draw(tasks(names, depth))


def _settings(draw: Any, made: dict[str, Any]) -> None:
    kind = made["type"].rpartition(".")[2]
    if kind in ("Parallel", "Dag"):
        made["concurrent"] = draw(st.integers(0, 2))
        made["onChildFailure"] = draw(st.sampled_from(["FAIL", "CANCEL", "CONTINUE"]))
    if kind in ("LoopUntil", "WaitFor"):
        made["condition"] = draw(st.sampled_from(["true", "false", "{{ no.such }}", "{{ secret('F') }}"]))
        made["checkFrequency"] = {"interval": "PT1S", "maxIterations": draw(st.integers(1, 3))}
        if draw(st.booleans()):
            made["checkFrequency"]["maxDuration"] = "PT3S"
        made["failOnMaxReached"] = draw(st.booleans())
    if kind in ("EachSequential", "EachParallel"):
        made["value"] = draw(st.sampled_from([["a", "b"], "[1,2]", "{{ secret('C') }}"]))
    if kind == "ForEach":
        made["values"] = draw(
            st.sampled_from([[], ["a"], ["a", "b", "c"], "[1,2,3,4]", "{{ no.such }}", "{{ secret('C') }}"])
        )
        made["concurrencyLimit"] = draw(st.integers(0, 2))


def _clean_up(draw: Any, names: Names, made: dict[str, Any], depth: int) -> None:
    for slot in ("errors", "finally"):
        if draw(st.integers(0, 3)) == 0:
            made[slot] = draw(tasks(names, min(depth, 1)))


@st.composite
def flow(draw: Any) -> str:
    names = Names()
    made: dict[str, Any] = {"id": "f", "namespace": NAMESPACE, "tasks": draw(tasks(names, 3))}
    _clean_up(draw, names, made, 1)
    if draw(st.integers(0, 4)) == 0:
        made["sla"] = [
            {"id": "late", "type": "MAX_DURATION", "duration": "PT4S", "behavior": draw(BEHAVIORS)},
            {
                "id": "right",
                "type": "EXECUTION_ASSERTION",
                "assert": "{{ outputs.t1 is not defined }}",
                "behavior": draw(BEHAVIORS),
            },
        ]
    if draw(st.integers(0, 3)) == 0:
        made["afterExecution"] = draw(tasks(names, 1))
    return json.dumps(made)


def answer(rig: ExecutionRig, chance: Random, old: list[Any]) -> None:
    """Answer any question that is out. Its worker may be lost, and the template or the whole attempt may fail."""
    picked = chance.choice(list(rig.questions.values()))
    del rig.questions[picked.run.task_run_id]
    answers = [
        Answer(error="no")
        if chance.random() < 0.15
        else Answer(chance.random() < 0.6 if question.form == "truth" else "[1, 2]")
        for question in picked.run.questions
    ]
    report = rig.outcome_of(picked, chance.choice(OUTCOMES), answers=answers)
    rig.when(report)
    old.append(report)


def drive(rig: ExecutionRig, chance: Random, *, kill_at: int | None = None) -> None:
    """Report outcomes in random order, sometimes twice or late, until nothing is left. Bounded, so that a hang fails."""
    old: list[Any] = []
    for turn in range(5_000):
        if turn == kill_at:
            rig.kill()
        if old and chance.random() < 0.2:
            stale = rig.when(chance.choice(old))
            assert not stale.events, f"decided again: {stale}"
        if chance.random() < 0.02:
            rig.restart()
        choices: list[str] = ["attempt"] * bool(rig.attempts) + ["timer"] * bool(rig.timers)
        choices += ["question"] * bool(rig.questions)
        if not choices:
            return
        if chance.choice(choices) == "question":
            answer(rig, chance, old)
            continue
        if not rig.attempts and not rig.timers:
            continue
        choices = [choice for choice in choices if choice != "question"]
        if chance.choice(choices) == "timer":
            name = min(rig.timers, key=lambda each: (rig.timers[each], each))
            rig.now = max(rig.now, rig.timers[name])
            due = rig.timers[name]
            rig.fire(name)
            if name not in rig.timers:
                again = rig.when(TimerDue(name, due))
                assert not again.events or name.startswith("advance/"), f"{name} twice: {again}"
            continue
        picked = chance.choice(list(rig.attempts.values()))
        outcome = chance.choice(OUTCOMES)
        if rig.state() == "KILLING" and chance.random() < 0.7:
            outcome = "cancelled"
        if chance.random() < 0.3:
            rig.begins(picked.name)
        ended = rig.outcome_of(picked, outcome)
        rig.when(ended)
        old.append(ended)
    raise AssertionError("it does not end")


def check_end(rig: ExecutionRig) -> None:
    seen = rig.seen()
    assert seen.state in ENDED
    assert all(run.state in ENDED for run in seen.runs.values()), seen.states()
    assert rig.machine.open == 0
    rig.assert_rebuilds()


def check_order(rig: ExecutionRig) -> None:
    """Check that no task of a sequential list begins before the one ahead of it has ended."""
    plan = rig.flows.plan(NAMESPACE, "f")
    assert plan is not None
    lists = [plan.tasks, plan.errors, plan.finally_, plan.after_execution]
    for node in plan.nodes.values():
        sequential = not node.task.type.endswith(SIDE_BY_SIDE)
        lists += [nodes for slot, nodes in node.lists.items() if sequential or slot in ("errors", "finally")]
    before = {second.id: first.id for nodes in lists for first, second in pairwise(nodes)}
    ended: set[tuple[str, str | None, str | None]] = set()
    place: dict[str, tuple[str, str | None, str | None]] = {}
    for event in rig.events_of("e1"):
        if isinstance(event, TaskRunCreated):
            place[event.task_run_id] = (event.task_id, event.parent_task_run_id, event.value)
            ahead = before.get(event.task_id)
            if ahead is not None:
                assert (ahead, event.parent_task_run_id, event.value) in ended, (
                    f"{event.task_id} before {ahead}"
                )
        elif type(event).__name__ == "TaskRunEnded":
            ended.add(place[event.task_run_id])  # type: ignore[attr-defined]


COMMON = settings(
    max_examples=70, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@COMMON
@given(flow(), st.integers(0, 2**32))
def test_every_flow_ends_whatever_its_tasks_do(source: str, seed: int) -> None:
    rig = ExecutionRig(source)
    rig.start("f")
    drive(rig, Random(seed))
    check_end(rig)
    check_order(rig)


@COMMON
@given(flow(), st.integers(0, 2**32), st.integers(0, 12))
def test_a_killed_execution_ends_killed_and_dispatches_nothing_more(
    source: str, seed: int, kill_at: int
) -> None:
    rig = ExecutionRig(source)
    rig.start("f")
    drive(rig, Random(seed), kill_at=kill_at)
    check_end(rig)
    killing = False
    over = False
    for event in rig.events_of("e1"):
        if isinstance(event, TaskRunCreated) and killing:
            assert over, "only afterExecution"
        over = over or type(event).__name__ == "ExecutionEnded"
        killing = killing or type(event).__name__ == "ExecutionKilling"
    if killing:
        assert rig.state() == "KILLED"


@COMMON
@given(flow(), st.integers(0, 2**32))
def test_a_restarted_execution_ends_again_and_keeps_what_succeeded(source: str, seed: int) -> None:
    rig = ExecutionRig(source)
    rig.start("f")
    chance = Random(seed)
    drive(rig, chance)
    kept = {run.id for run in rig.seen().runs.values() if run.state is State.SUCCESS}
    submitted = {
        event.task_run_id  # type: ignore[attr-defined]
        for event in rig.restart_execution().events
        if isinstance(event, ExecutionEvent) and type(event).__name__ == "TaskRunSubmitted"
    }
    assert not submitted & kept
    drive(rig, chance)
    check_end(rig)


@COMMON
@given(flow(), st.integers(0, 2**32), st.integers(0, 40))
def test_an_execution_is_deleted_once_and_only_after_its_end(source: str, seed: int, inputs: int) -> None:
    """Whatever a caller read before, and whenever it asks."""
    rig = ExecutionRig(source)
    rig.start("f")

    def read() -> ExecutionRecord:
        return record_of(rig.seen(), rig.events_of("e1"))

    def delete(record: ExecutionRecord) -> list[str]:
        step = rig.when(DeleteExecution(execution_id="e1", at=rig.now, record=record))
        return [type(event).__name__ for event in step.events]

    before = read()
    while rig.machine.open and rig.attempts and inputs:
        assert delete(read()) == []
        inputs -= 1
        rig.report(Random(seed + inputs).choice([each.name for each in rig.attempts.values()]))
    drive(rig, Random(seed))
    last = read()
    if before.seq < last.seq:
        assert delete(before) == []
    assert delete(last) == ["ExecutionDeleted"]
    assert rig.seen().seq == last.seq + 1
    assert delete(last) == []
    rig.assert_rebuilds()


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_independent_outcomes_does_not_change_the_result(seed: int) -> None:
    source = json.dumps(
        {
            "id": "f",
            "namespace": NAMESPACE,
            "tasks": [
                {
                    "id": "p",
                    "type": FLOW + "Parallel",
                    "onChildFailure": "CONTINUE",
                    "tasks": [
                        {"id": f"t{n}", "type": "io.kestra.plugin.core.log.Log", "message": "m"}
                        for n in range(6)
                    ],
                }
            ],
        }
    )
    rig = ExecutionRig(source)
    rig.start("f")
    names = rig.out()
    Random(seed).shuffle(names)
    for name in names:
        rig.report(name, "failed" if name == "t3" else "succeeded")
    assert rig.state() == "FAILED"
    assert rig.states()["p"] == "FAILED"
