"""A pure task gives the same history, whether the executor decides it in place or a worker runs it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec import structs

from contracts.codec import Codec
from contracts.execution import AttemptEnded
from contracts.message import Message
from contracts.states import State
from contracts.telemetry import AttemptLogs, AttemptMetrics
from services.executor.executions.turn import NEW_RUNS_PER_STEP
from services.worker.evaluation import EvaluationRunner
from tests.property import test_execution_core as core
from tests.support.attempt import Bench
from tests.support.rig.executions import NAMESPACE, ExecutionRig
from toccata.plugins.host.catalog import PluginCatalog

CORE = "io.kestra.plugin.core."
CATALOG = PluginCatalog.ours()
ENDED: Codec[AttemptEnded] = Codec(AttemptEnded)
TEXTS = (
    "plain",
    "{{ execution.id }}",
    "{{ inputs.word | upper }} {{ taskrun.attemptsCount }}",
    "{{ no.such }}",
    "{{ outputs }}",
    "{{ taskrun.value ?? 'none' }}",
    "{{ render(vars.nested) }}",
    "é\\u2028 {{ vars.number + 1 }}",
    "{% for i in [1, 2] %}{{ i }}{% endfor %}",
)
ON_A_WORKER = (
    "{{ range(1, 5000) | join }}",
    "{{ secret('WORD') }}",
    "{{ render(vars.secret) }}",
    "{{ secret('NONE') }}",
)
VARIABLES = {
    "nested": "{{ inputs.word }}!",
    "number": 41,
    "secret": "{{ secret('WORD') }}",
}


@st.composite
def leaf(draw: Any, names: core.Names, texts: tuple[str, ...]) -> dict[str, Any]:
    name, text = names.next("t"), draw(st.sampled_from(texts))
    kind = draw(st.sampled_from(["Log", "Lines", "Return", "Echo", "OutputValues", "Fail", "Guard", "Level"]))
    made: dict[str, Any] = {
        "Log": {"type": CORE + "log.Log", "message": text, "level": "WARN"},
        "Lines": {"type": "io.kestra.core.tasks.log.Log", "message": [text, "second"]},
        "Return": {"type": CORE + "debug.Return", "format": text},
        "Echo": {"type": CORE + "debug.Echo", "format": text, "level": "DEBUG"},
        "OutputValues": {"type": CORE + "output.OutputValues", "values": {"a": [text, 1], text: None}},
        "Fail": {"type": CORE + "execution.Fail", "errorMessage": text},
        "Guard": {"type": CORE + "execution.Fail", "condition": text},
        "Level": {"type": CORE + "log.Log", "message": "x", "level": text},
    }[kind]
    made |= {"id": name}
    if texts is not TEXTS and draw(st.integers(0, 3)) == 0:  # retries beside each other have no certain order
        made["retry"] = {"type": "constant", "interval": "PT1S", "maxAttempts": draw(st.integers(1, 3))}
    if draw(st.integers(0, 3)) == 0:
        only_here = texts is TEXTS
        made["timeout"] = "PT1H" if only_here else draw(st.sampled_from(["{{ 'PT1M' }}", "{{ no.such }}"]))
    if draw(st.integers(0, 3)) == 0:
        made["logLevel"] = draw(st.sampled_from(["DEBUG", "WARN", "ERROR"]))
    for key in ("allowFailure", "allowWarning", "disabled"):
        if draw(st.integers(0, 5)) == 0:
            made[key] = True
    if draw(st.integers(0, 6)) == 0:
        made["runIf"] = draw(st.sampled_from(["false", "{{ 1 == 1 }}", "{{ no.such }}"]))
    return made


@st.composite
def flow(draw: Any, texts: tuple[str, ...], depth: int) -> str:
    names = core.Names()

    def some(depth: int) -> list[dict[str, Any]]:
        return [one(depth) for _ in range(draw(st.integers(1, 3)))]

    def one(depth: int) -> dict[str, Any]:
        kind = (
            draw(st.sampled_from(["leaf", "leaf", "Sequential", "Parallel", "ForEach"])) if depth else "leaf"
        )
        if kind == "leaf":
            return draw(leaf(names, texts))  # type: ignore[no-any-return]
        made = {"id": names.next("g"), "type": f"{CORE}flow.{kind}", "tasks": some(depth - 1)}
        if kind == "Parallel":
            made["onChildFailure"] = "CONTINUE"  # else it matters which task ends first
        if kind == "ForEach":
            made |= {"values": ["x", "y", "z"], "concurrencyLimit": draw(st.integers(0, 2))}
        if draw(st.integers(0, 3)) == 0:
            made["errors"] = some(0)
        return made

    made: dict[str, Any] = {
        "id": "f",
        "namespace": NAMESPACE,
        "inputs": [{"id": "word", "type": "STRING", "defaults": "Wort"}],
        "variables": VARIABLES,
        "tasks": some(depth),
    }
    for slot in ("errors", "finally", "afterExecution"):
        if draw(st.integers(0, 3)) == 0:
            made[slot] = some(0)
    if draw(st.booleans()):
        made["outputs"] = [{"id": "o", "type": "STRING", "value": "{{ outputs ?? '' }}"}]
    return json.dumps(made)


async def history(source: str, home: Path, *, in_place: bool) -> dict[str, Any]:
    """Run the flow with a real worker's runner, and return all that anyone may see of it, but for workers and times."""
    rig = ExecutionRig(source, in_place=in_place)
    bench = Bench(home, {"WORD": "hush"})
    rig.start("f")
    for _ in range(500):
        rig.settle()
        if rig.attempts:
            run = next(iter(rig.attempts.values())).run
            ended = await bench.run_attempt(CATALOG.task(run.task_type), run)
            rig.when(structs.replace(ended, at=rig.now, started_at=rig.now))  # delays count from here
        elif rig.questions:
            asked = next(iter(rig.questions.values()))
            runner = EvaluationRunner(asked.run, bench.shared, "w1")
            found = ENDED.decode(await runner.run())
            rig.answer(asked.name, *(ValueError(a.error) if a.error else a.value for a in found.answers))
        elif rig.timers:
            rig.wait_until(min(rig.timers.values()))
        else:
            break
    core.check_end(rig)
    seen = rig.seen()
    here = [out.message for out in rig.outbox]
    return {
        "execution": (_waits_left_out(seen.histories), seen.outputs, seen.reason),
        "runs": sorted(
            (run.id, run.name, run.histories, run.attempt, json.dumps(run.outputs), run.message)
            for run in seen.runs.values()
        ),
        "logs": _logs([*here, *map(_decode, bench.outbox.of("attempts.logs"))]),
        "metrics": _metrics([*here, *map(_decode, bench.outbox.of("attempts.metrics"))]),
    }


def _waits_left_out(histories: list[State]) -> list[State]:
    """Leave out how often it was RETRYING: retries that are due together begin in one step, or end one by one."""
    kept = [state for state in histories if state is not State.RETRYING]
    return [state for place, state in enumerate(kept) if place == 0 or kept[place - 1] is not state]


def _decode(raw: bytes) -> Message:
    codec: Codec[AttemptLogs | AttemptMetrics] = Codec(AttemptLogs | AttemptMetrics)
    return codec.decode(raw)


def _logs(messages: list[Message]) -> list[Any]:
    return sorted(
        (
            each.task_run_id or "",
            each.attempt,
            (each.first if each.attempt else 0) + number,
            line.level,
            line.message,
        )
        for each in messages
        if isinstance(each, AttemptLogs)
        for number, line in enumerate(each.lines)
    )


def _metrics(messages: list[Message]) -> list[Any]:
    return sorted(
        (each.task_run_id, each.attempt, point.kind, point.name, point.value, sorted(point.tags.items()))
        for each in messages
        if isinstance(each, AttemptMetrics)
        for point in each.points
    )


def same(source: str) -> None:
    with TemporaryDirectory() as home:
        by_worker = asyncio.run(history(source, Path(home), in_place=False))
        # A step begins 50 runs. Further ones begin after what ended in place, but beside what runs on a worker.
        assume(len(by_worker["runs"]) < NEW_RUNS_PER_STEP // 2)
        here = asyncio.run(history(source, Path(home), in_place=True))
    assert here == by_worker


# Beside each other, tasks in place end before those on a worker. So flows that have both are sequential here.
@given(source=flow(TEXTS, 2))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_pure_tasks_give_the_same_history_as_on_a_worker(source: str) -> None:
    same(source)


@given(source=flow((*TEXTS, *ON_A_WORKER), 0))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_tasks_that_must_go_to_a_worker_do_so_and_the_history_is_the_same(source: str) -> None:
    same(source)
