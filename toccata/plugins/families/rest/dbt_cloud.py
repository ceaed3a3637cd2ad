"""dbt Cloud."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from toccata.plugin import Duration, HttpFailed, Outputs, Secret, TaskFailed, dynamic, stored
from toccata.plugins.families.rest.api import (
    Call,
    Optioned,
    Service,
    Session,
    at,
    by_token,
    declared,
    known,
    until,
)
from toccata.plugins.families.rest.waiting import HOUR

_SUCCESS, _ERROR, _CANCELLED = 10, 20, 30
_RELATED = '["trigger","job","run_steps","environment"]'
_EVERY = timedelta(seconds=5)


class Cloud(Optioned):
    base_url: str = dynamic("https://cloud.getdbt.com", doc="address of the account")
    account_id: str = dynamic(doc="the account")
    token: Secret = dynamic(doc="a token of a service or a person")
    poll_frequency: Duration = dynamic(
        _EVERY, doc="time between two questions whether it has ended", gt=timedelta(0)
    )
    max_duration: Duration = dynamic(HOUR, doc="how long it may take", gt=timedelta(0))
    parse_run_results: bool = dynamic(default=True, ignored="nodes are no task runs of their own")
    max_retries: int | None = dynamic(None, ignored="use `options.retry`")
    initial_delay_ms: int | None = dynamic(None, ignored="use `options.retry`")


class TriggerRun(Cloud):
    """Starts a job, and waits until its run has ended. The log has the lines of its steps."""

    job_id: str = dynamic(doc="the job")
    cause: str = dynamic("Triggered by Kestra.", doc="why it runs")
    git_sha: str | None = dynamic(None, doc="the commit")
    git_branch: str | None = dynamic(None, doc="the branch")
    schema_override: str | None = dynamic(None, doc="another schema")
    dbt_version_override: str | None = dynamic(None, doc="another version of dbt")
    threads_override: str | None = dynamic(None, doc="another number of threads")
    target_name_override: str | None = dynamic(None, doc="another `target.name`")
    generate_docs_override: bool | None = dynamic(None, doc="whether it makes the documentation")
    timeout_seconds_override: int | None = dynamic(None, doc="another limit of time, in seconds")
    steps_override: list[str] | None = dynamic(None, doc="other steps")
    wait: bool = dynamic(default=True, doc="false: the task ends as soon as the run is started")


class CheckStatus(Cloud):
    """Waits until a run has ended. The log has the lines of its steps."""

    run_id: str = dynamic(doc="the run")


class Artifacts(BaseModel):
    runResults: str | None  # noqa: N815 - the name of the output
    """URI of `run_results.json`, if there is one."""
    manifest: str | None
    """URI of `manifest.json`, if there is one."""


class RunOutputs(Artifacts):
    runId: int  # noqa: N815 - the name of the output
    """The run."""


_SERVICE = Service(prefix="dbt.cloud", address=lambda task: task.base_url, sign_in=by_token("token"))
_OVERRIDES = (
    "git_sha", "git_branch", "schema_override", "dbt_version_override", "threads_override", "target_name_override",
    "generate_docs_override", "timeout_seconds_override",
)  # fmt: skip


async def _trigger(task: TriggerRun, session: Session) -> Outputs:
    body = known({"cause": task.cause, **{name: getattr(task, name) for name in _OVERRIDES}})
    if task.steps_override:
        body["steps_override"] = task.steps_override
    path = at("/api/v2/accounts/{}/jobs/{}/run/", task.account_id, task.job_id)
    run_id = (await session.call(Call("POST", path, body=body)))["data"]["id"]
    session.run.log("INFO", f"dbt Cloud has started run {run_id}")
    if not task.wait:
        return {"runId": run_id}
    return {"runId": run_id, **await _ended(task, session, str(run_id))}


async def _check(task: CheckStatus, session: Session) -> Outputs:
    return await _ended(task, session, task.run_id)


async def _ended(task: Cloud, session: Session, run_id: str) -> Outputs:
    path = at("/api/v2/accounts/{}/runs/{}/", task.account_id, run_id)
    told: dict[Any, int] = {}

    async def ask() -> Mapping[str, Any]:
        answer = await session.call(Call("GET", path, {"include_related": _RELATED}))
        found: Mapping[str, Any] = answer["data"]
        _tell(session, found, told)
        return found

    run = await until(
        ask,
        lambda found: found.get("status") in (_SUCCESS, _ERROR, _CANCELLED),
        task.poll_frequency,
        task.max_duration,
    )
    outputs = {
        "runResults": await _artifact(session, path, "run_results.json"),
        "manifest": await _artifact(session, path, "manifest.json"),
    }
    if run["status"] != _SUCCESS:
        message = run.get("status_message")
        raise TaskFailed(
            f"run {run_id} ended as `{run.get('status_humanized')}` after {run.get('duration_humanized')}"
            + (f": {message}" if message else ""),
            known(outputs),
        )
    return outputs


def _tell(session: Session, run: Mapping[str, Any], told: dict[Any, int]) -> None:
    """What the steps have said since the last question."""
    for step in run.get("run_steps") or ():
        text = step.get("logs") or ""
        for line in text[told.get(step.get("id"), 0) :].splitlines():
            session.run.log("INFO", f"[Step {step.get('name')}]: {line}")
        told[step.get("id")] = len(text)


async def _artifact(session: Session, path: str, name: str) -> str | None:
    """Not every run has every one."""
    try:
        async with session.answer(Call("GET", f"{path}artifacts/{name}")) as answer:
            return await stored(session.run, answer.chunks(), ".json")
    except HttpFailed as failed:
        if failed.status == 404:
            return None
        raise


_HEAD = 'baseUrl: https://cloud.getdbt.com\naccountId: "12345"\ntoken: "{{ secret(\'DBT\') }}"\n'
TRIGGER_RUN = declared(
    _SERVICE,
    "TriggerRun",
    "Run a job of dbt Cloud",
    TriggerRun,
    _trigger,
    RunOutputs,
    f'{_HEAD}jobId: "67890"\n',
)
CHECK_STATUS = declared(
    _SERVICE,
    "CheckStatus",
    "Wait for a run of dbt Cloud",
    CheckStatus,
    _check,
    Artifacts,
    f'{_HEAD}runId: "98765"\n',
)
