"""Turns executions into the JSON that Kestra's clients read, with the keys of both generations. Nulls are left out. The
present time is an argument."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.codec import encode
from contracts.execution import AttemptRecord, History, TriggerRef
from contracts.language.encrypted import replaced
from contracts.scalars import Millis, to_iso
from contracts.states import ENDED, State
from services.web.core.instant import iso_duration
from services.web.core.live import Live, LiveTaskRun
from services.web.core.rows import ExecutionRow
from services.web.core.view.page import Json

INLINE_OUTPUT_BYTES = 64 * 1024
"""Larger outputs of a task run have their own address."""


@dataclass(frozen=True, slots=True)
class Lens:
    """How a caller sees an execution: at which time, and in which generation's words."""

    now: Millis
    legacy: bool = False
    """1.x knows no SUBMITTED."""
    url: str = ""
    """Public address of this server, without a final slash."""

    def state(self, state: State) -> str:
        return "CREATED" if self.legacy and state is State.SUBMITTED else state.value


def execution_page(live: Live, lens: Lens, variables: Json | None = None) -> Json:
    """The execution with its task runs."""
    page = execution_line(live, lens)
    page["taskRunList"] = [_task_run(live, run, lens) for run in live.task_runs.values()]
    if variables:
        page["variables"] = variables
    page["metadata"] = {
        "attemptNumber": live.attempt_number,
        "originalCreatedDate": to_iso(live.histories[0].at),
    }
    return page


def execution_line(live: Live, lens: Lens) -> Json:
    """The execution without task runs: an item of a list."""
    page: Json = {
        "tenantId": "main",
        "id": live.id,
        "namespace": live.namespace,
        "flowId": live.flow_id,
        "flowRevision": live.revision,
    }
    if live.inputs:
        # As in Kestra, a secret input shows its ciphertext.
        page["inputs"] = replaced(live.inputs, lambda ciphertext: ciphertext)
    if live.outputs:
        page["outputs"] = live.outputs
    page["labels"] = labels_list(live.labels)
    page["state"] = state_view(live.histories, lens)
    if live.parent_id is not None:
        page["parentId"] = live.parent_id
    page["originalId"] = live.original_id or live.id
    if live.trigger is not None:
        page["trigger"] = _trigger_ref(live.trigger)
    page["deleted"] = False
    if live.scheduled_at is not None:
        page["scheduleDate"] = to_iso(live.scheduled_at)
    if live.trace_parent is not None:
        page["traceParent"] = live.trace_parent
    page["kind"] = live.kind
    return page


def latest_line(row: ExecutionRow) -> Json:
    """One of the last executions of a flow, in short."""
    line: Json = {
        "id": row.id,
        "flowId": row.flow_id,
        "namespace": row.namespace,
        "startDate": to_iso(row.created_at),
        "status": row.state.value,
    }
    if row.ended_at is not None:
        line["endDate"] = to_iso(row.ended_at)
    return line


def execution_url(live_id: str, namespace: str, flow_id: str, lens: Lens) -> str:
    return f"{lens.url}/ui/main/executions/{namespace}/{flow_id}/{live_id}"


def labels_list(labels: dict[str, str]) -> list[Json]:
    return [{"key": key, "value": value} for key, value in labels.items()]


def state_view(histories: list[History], lens: Lens) -> Json:
    """``histories`` is never empty. Consecutive states that look the same to this caller become one."""
    seen: list[tuple[str, Millis]] = []
    for place in histories:
        name = lens.state(place.state)
        if not seen or seen[-1][0] != name:
            seen.append((name, place.at))
    first, last = histories[0].at, histories[-1]
    still = last.state not in ENDED
    view: Json = {
        "current": seen[-1][0],
        "histories": [{"state": name, "date": to_iso(at)} for name, at in seen],
        "duration": iso_duration((max(lens.now, first) if still else last.at) - first),
        "startDate": to_iso(first),
    }
    if not still or last.state is State.PAUSED:
        view["endDate"] = to_iso(last.at)
    return view


def task_run_outputs(run: LiveTaskRun) -> Json | None:
    """The outputs that the task run shows inline. None if they are too large for that."""
    if run.outputs_uri is not None:
        return None
    if run.outputs and len(encode(run.outputs)) > INLINE_OUTPUT_BYTES:
        return None
    return run.outputs


_TRIED = frozenset({State.RUNNING, State.FAILED, State.SKIPPED})


def _task_run(live: Live, run: LiveTaskRun, lens: Lens) -> Json:
    page: Json = {
        "id": run.id,
        "executionId": live.id,
        "namespace": live.namespace,
        "flowId": live.flow_id,
        "taskId": run.task_id,
    }
    if run.parent_id is not None:
        page["parentTaskRunId"] = run.parent_id
    if run.value is not None:
        page["value"] = run.value
    if run.iteration is not None:
        page["iteration"] = run.iteration
    attempts = [_attempt(attempt, lens) for attempt in run.attempts if attempt.histories]
    if not attempts and any(each.state in _TRIED for each in run.histories):
        # No worker ran it: a flowable, or one that ended before its first attempt. Kestra shows one attempt of each.
        attempts = [{"state": state_view(run.histories, lens)}]
    if attempts:
        page["attempts"] = attempts
    outputs = task_run_outputs(run)
    if outputs:
        page["outputs"] = outputs
    page["state"] = state_view(run.histories, lens)
    return page


def _attempt(attempt: AttemptRecord, lens: Lens) -> Json:
    page: Json = {"state": state_view(attempt.histories, lens)}
    if attempt.worker_id:
        page["workerId"] = attempt.worker_id
    if attempt.log_uri is not None:
        page["logFile"] = attempt.log_uri
    return page


def _trigger_ref(trigger: TriggerRef) -> Json:
    return {"id": trigger.id, "type": trigger.type, "variables": trigger.variables}


def outputs_index(live: Live) -> list[Json]:
    """The task runs that have outputs, with the loop values of those that a loop made."""
    index = []
    for run in live.task_runs.values():
        if not run.outputs and run.outputs_uri is None:
            continue
        entry: Json = {"taskId": run.task_id, "taskRunId": run.id}
        if run.value is not None:
            entry["value"] = run.value
        if run.iteration is not None:
            entry["iteration"] = run.iteration
        entry["inline"] = run.outputs_uri is None
        index.append(entry)
    return index
