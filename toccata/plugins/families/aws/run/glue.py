"""``aws.glue.*``"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from toccata.plugin import Outputs, RunContext, TaskFailed
from toccata.plugins.families.aws import watch as declared
from toccata.plugins.families.aws.run.client import Client, connected

_BAD = ("FAILED", "ERROR", "TIMEOUT", "STOPPED", "EXPIRED")
_ENDED = ("SUCCEEDED", *_BAD)
_NAMES = {
    "JobRunState": "state",
    "StartedOn": "startedOn",
    "CompletedOn": "completedOn",
    "LastModifiedOn": "lastModifiedOn",
    "ExecutionTime": "executionTime",
    "Timeout": "timeout",
    "Attempt": "attempt",
    "ErrorMessage": "errorMessage",
}


async def run_start_job_run(task: declared.StartJobRun, run: RunContext) -> Outputs:
    async with connected(task, "glue") as aws:
        started = await aws.call(
            task.job_name,
            lambda client: client.start_job_run(JobName=task.job_name, Arguments=task.arguments),
        )
        number = str(started["JobRunId"])
        run.log("INFO", f"Job {task.job_name} runs as {number}")
        if not task.wait:
            return await _outputs(aws, task.job_name, number)
        try:
            outputs = await _ended(aws, task, number, task.max_duration)
        except BaseException:
            await aws.call(task.job_name, _stop, task.job_name, number)
            raise
    if outputs["state"] in _BAD:
        reason = outputs.get("errorMessage", "no reason is given")
        raise TaskFailed(f"{task.job_name}: the run ended as {outputs['state']}: {reason}", outputs)
    return outputs


async def run_get_job_run(task: declared.GetJobRun, run: RunContext) -> Outputs:
    del run
    async with connected(task, "glue") as aws:
        return await _outputs(aws, task.job_name, task.run_id)


async def run_stop_job_run(task: declared.StopJobRun, run: RunContext) -> Outputs:
    del run
    async with connected(task, "glue") as aws:
        await aws.call(task.job_name, _stop, task.job_name, task.job_run_id)
        if not task.wait:
            return await _outputs(aws, task.job_name, task.job_run_id)
        return await _ended(aws, task, task.job_run_id, None)


def _stop(client: Any, job: str, number: str) -> None:
    answer = client.batch_stop_job_run(JobName=job, JobRunIds=[number])
    for each in answer.get("Errors", []):
        detail = each.get("ErrorDetail", {})
        raise TaskFailed(f"{job}: {number} is not stopped: {detail.get('ErrorMessage', detail)}")


async def _ended(
    aws: Client,
    task: declared.StartJobRun | declared.StopJobRun,
    number: str,
    limit: timedelta | None,
) -> Outputs:
    end = None if limit is None else time.monotonic() + limit.total_seconds()
    while True:
        found = await _outputs(aws, task.job_name, number)
        if found["state"] in _ENDED:
            return found
        if end is not None and time.monotonic() > end:
            raise TaskFailed(f"{task.job_name}: the run has not ended within {limit}")
        await asyncio.sleep(task.interval.total_seconds())


async def _outputs(aws: Client, job: str, number: str) -> dict[str, Any]:
    answer = await aws.call(job, lambda client: client.get_job_run(JobName=job, RunId=number))
    found = {ours: answer["JobRun"].get(theirs) for theirs, ours in _NAMES.items()}
    texts = {name: _text(value) for name, value in found.items() if value is not None}
    return {"jobName": job, "jobRunId": number, **texts}


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value
