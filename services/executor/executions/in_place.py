"""Decides an attempt of a pure task in the step that begins it: nothing is dispatched, and its events stand in the same record.

The result has the form of a worker's report, and is decided like one. So states, retries and logs do not depend on where a task
ran. Whatever is not certain here goes the long way, to a worker: an impure function, a rendering over its budget, a large result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn
from zlib import crc32

from contracts.codec import encode
from contracts.execution import AttemptEnded, ErrorLine, ExecutionUpdated, ResumeExecution
from contracts.language.encrypted import holds_encrypted
from contracts.language.expression.errors import ExpressionError, LimitExceeded
from contracts.language.expression.impure import WORKER_FUNCTIONS
from contracts.language.expression.scope import Limits, Scope
from contracts.language.expression.template import render_value
from contracts.language.flow.binding import NotBound, bind
from contracts.language.types.pure import Line, Result, Switch
from contracts.message import Message
from contracts.nesting import MOST_VALUE_LEVELS, is_deeper
from contracts.scalars import JsonObject, to_datetime, trigger_key
from contracts.states import State
from contracts.telemetry import LEVELS, AttemptLogs, AttemptMetrics, LogLine, MetricPoint
from contracts.trigger import SetTriggerDisabled
from services.executor.executions.blueprint import InPlace, Prepared
from services.executor.executions.rendering.variables import variables_of, variables_of_execution
from services.executor.executions.state import TaskRun
from services.executor.executions.termination import ERROR_CHARS
from services.executor.executions.turn import Turn, cut

HERE = "executor"
"""Stands for the worker in the events of such an attempt."""
LIMITS = Limits(max_output_chars=32_768, max_steps=2_000, max_elements=2_000)
"""Far below a worker's, because all executions of a partition wait."""
OUTPUT_BYTES = 16 * 1024
"""A worker stores larger outputs in files."""
TELEMETRY_BYTES = 32 * 1024
LINES = 100
ERRORS = 4
VARIABLES_BYTES = 64 * 1024
"""The limit for all variables of an execution. Each change is an event with all of them."""
_RANK = {level: rank for rank, level in enumerate(LEVELS)}


@dataclass(frozen=True, slots=True)
class Decided:
    """The end of an attempt, and its log and metrics by topic."""

    report: AttemptEnded
    telemetry: Mapping[str, Message]
    size: int
    labels: dict[str, str] | None = None
    """All labels of the execution, if they change."""
    variables: JsonObject | None = None
    exit: State | None = None
    """The execution ends in it."""
    resumes: Mapping[str, JsonObject] = field(default_factory=dict)
    """Other executions to resume, with their inputs."""
    switches: Sequence[SetTriggerDisabled] = ()


class _LongWay(Exception):
    """A worker must run this attempt."""


def decide_in_place(turn: Turn, prepared: Prepared, run: TaskRun, attempt: int) -> Decided | None:
    """Return the end of this attempt, or None if it goes to a worker."""
    task = prepared.in_place
    if task is None or not (turn.setting.in_place or task.pure.updates):
        return None
    variables, references = variables_of(turn, prepared, run, attempts=attempt - 1)
    if references or (turn.execution.encrypted and holds_encrypted(variables)):
        return None
    try:
        return _decided(turn, task, run, attempt, _updating(turn, _result(turn, task, variables)))
    except Exception:  # noqa: BLE001 - a worker isolates whatever went wrong, and reports it
        return None


def take(turn: Turn, decided: Decided) -> None:
    """The run is SUBMITTED now. Its end is decided after what moved before it."""
    turn.weigh(decided.size)
    for topic, message in decided.telemetry.items():
        turn.send(topic, turn.execution.id, message)
    if decided.labels is not None or decided.variables is not None:
        turn.emit(ExecutionUpdated, labels=decided.labels, variables=decided.variables)
    for execution_id, inputs in decided.resumes.items():
        command = ResumeExecution(execution_id=execution_id, at=turn.at, inputs=inputs, by=turn.execution.id)
        turn.send("executions.commands", execution_id, command)
    for switch in decided.switches:
        key = trigger_key(switch.namespace, switch.flow_id, switch.trigger_id)
        turn.send("triggers.commands", key, switch)
    if decided.exit is not None:
        turn.exits[decided.report.task_run_id] = decided.exit
    turn.reports.append(decided.report)


def _result(turn: Turn, task: InPlace, variables: Mapping[str, Any]) -> Result:
    execution = turn.execution
    seed = crc32(f"{execution.id}/{execution.seq}".encode())
    budget = turn.rendering(LIMITS.max_bytes)
    scope = Scope(variables, to_datetime(turn.at), seed, _PORTS, LIMITS, budget)
    try:
        properties = bind(task.pure.properties, task.written, lambda value: render_value(value, scope))
    except LimitExceeded:
        raise _LongWay from None
    except (ExpressionError, NotBound) as problem:
        return Result(failure=str(problem))
    return task.pure.decide(properties)


@dataclass(frozen=True, slots=True)
class _Updating:
    result: Result
    labels: dict[str, str] | None = None
    variables: JsonObject | None = None
    exit: State | None = None
    switches: Sequence[SetTriggerDisabled] = ()


def _updating(turn: Turn, result: Result) -> _Updating:
    """Return what the result makes of the execution. It may make a failure of the result."""
    update, execution = result.update, turn.execution
    if update is None or result.failure is not None:
        return _Updating(result)
    labels = {**execution.labels, **update.labels}
    variables = None
    if update.variables is not None:
        try:
            variables = update.variables(variables_of_execution(turn))
        except ValueError as problem:
            return _Updating(Result(failure=str(problem)))
        if len(encode(variables)) > VARIABLES_BYTES:
            return _Updating(Result(failure=f"The variables would have more than {VARIABLES_BYTES:,} bytes"))
    try:
        switches = [_switch(turn, each) for each in update.switches]
    except ValueError as problem:
        return _Updating(Result(failure=str(problem)))
    changed = labels if labels != execution.labels else None
    return _Updating(result, changed, variables, update.exit, switches)


def _switch(turn: Turn, switch: Switch) -> SetTriggerDisabled:
    """Raise ValueError if there is no such trigger."""
    execution = turn.execution
    namespace, flow_id = switch.namespace or execution.namespace, switch.flow_id or execution.flow_id
    found = turn.setting.blueprints.of(namespace, flow_id, None)
    if found is None:
        raise ValueError(f"Unable to find flow {namespace}.{flow_id}")
    if all(trigger.id != switch.trigger_id for trigger in found.plan.flow.triggers):
        raise ValueError(f"Unable to find trigger {switch.trigger_id} for the flow {namespace}.{flow_id}")
    return SetTriggerDisabled(
        namespace=namespace,
        flow_id=flow_id,
        trigger_id=switch.trigger_id,
        at=turn.at,
        disabled=not switch.enabled,
    )


def _decided(turn: Turn, task: InPlace, run: TaskRun, attempt: int, updating: _Updating) -> Decided:
    result = updating.result
    outputs = {name: value for name, value in result.outputs.items() if value is not None}
    encoded = encode(outputs)
    if len(encoded) > OUTPUT_BYTES or is_deeper(encoded, MOST_VALUE_LEVELS):
        raise _LongWay
    report = AttemptEnded(
        execution_id=turn.execution.id,
        task_run_id=run.id,
        attempt=attempt,
        outcome="failed" if result.failure is not None else "succeeded",
        at=turn.at,
        worker_id=HERE,
        started_at=turn.at,
        outputs=outputs,
        message=cut(result.failure or ""),
        errors=_errors(turn, result),
    )
    telemetry = _telemetry(turn, task, run, attempt, result)
    size = sum(len(encode(message)) for message in telemetry.values())
    if size > TELEMETRY_BYTES:
        raise _LongWay
    size += len(encode(report)) + (len(encode(updating.variables)) if updating.variables is not None else 0)
    update = result.update
    resumes = update.resumes if update is not None else {}
    size += len(encode(resumes)) if resumes else 0
    return Decided(
        report,
        telemetry,
        size,
        updating.labels,
        updating.variables,
        updating.exit,
        resumes,
        updating.switches,
    )


def _errors(turn: Turn, result: Result) -> list[ErrorLine]:
    if result.failure is None:
        return []
    found = [line.message for line in result.lines if line.level == "ERROR"]
    return [ErrorLine(turn.at, text[:ERROR_CHARS]) for text in [*found[-ERRORS:], result.failure]]


def _telemetry(turn: Turn, task: InPlace, run: TaskRun, attempt: int, result: Result) -> dict[str, Message]:
    execution = turn.execution
    names: dict[str, Any] = {
        "execution_id": execution.id,
        "namespace": execution.namespace,
        "flow_id": execution.flow_id,
        "task_id": run.task_id,
        "task_run_id": run.id,
        "attempt": attempt,
    }
    lines = [*result.lines, *([Line("ERROR", result.failure)] if result.failure is not None else [])]
    lines = [line for line in lines if _RANK[line.level] >= task.lowest]
    if len(lines) > LINES or any(len(line.message) > OUTPUT_BYTES // 4 for line in lines):
        raise _LongWay
    found: dict[str, Message] = {}
    if lines:
        shown = [LogLine(level=line.level, at=turn.at, message=line.message) for line in lines]
        found["attempts.logs"] = AttemptLogs(first=0, lines=shown, **names)
    if result.metrics:
        points = [
            MetricPoint(
                kind=metric.kind, name=metric.name, value=metric.value, at=turn.at, tags=dict(metric.tags)
            )
            for metric in result.metrics
        ]
        found["attempts.metrics"] = AttemptMetrics(first=0, points=points, **names)
    return found


def _long_way(*_: object, **__: object) -> NoReturn:
    raise _LongWay


_PORTS = dict.fromkeys(WORKER_FUNCTIONS, _long_way)
"""A text that a template renders may call these, which nobody can know before."""
