"""Airbyte: syncs of a server of your own (``airbyte.connections``) and of Airbyte Cloud (``airbyte.cloud.jobs``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from pydantic import BaseModel

from toccata.plugin import (
    Duration,
    HttpFailed,
    Level,
    Outputs,
    Properties,
    Secret,
    TaskFailed,
    dynamic,
    static,
)
from toccata.plugins.families.rest.api import (
    Call,
    Optioned,
    Service,
    Session,
    at,
    basic,
    bearer,
    declared,
    secret,
    until,
)
from toccata.plugins.families.rest.waiting import HOUR, Waits

_ENDED = ("succeeded", "failed", "cancelled", "incomplete")
_RUNNING = "already running"
_LEVELS: tuple[Level, ...] = ("ERROR", "WARN", "DEBUG", "TRACE")


class Application(Properties):
    """An application that Airbyte knows."""

    client_id: str = dynamic(doc="its id")
    client_secret: Secret = dynamic(doc="its secret")


class Server(Optioned):
    url: str = dynamic(doc="address of Airbyte")
    username: str | None = dynamic(None, doc="who signs in; wins over a token")
    password: Secret | None = dynamic(None, doc="their password")
    token: Secret | None = dynamic(None, doc="a token")
    application_credentials: Application | None = dynamic(None, doc="asks Airbyte for a token")
    http_timeout: Duration | None = dynamic(None, ignored="use `options.timeout`")


class Sync(Server, Waits):
    """Starts a sync, and waits until it has ended."""

    connection_id: str = dynamic(doc="the connection")
    fail_on_active_sync: bool = dynamic(default=True, doc="fail if a sync is running already")


class SyncOutputs(BaseModel):
    jobId: int | None  # noqa: N815 - the name of the output
    """The job of the sync."""
    alreadyRunning: bool  # noqa: N815
    """There was a sync already, so none was started."""


class CheckStatus(Server):
    """Waits until a job has ended."""

    job_id: str = dynamic(doc="the job")
    max_duration: Duration = dynamic(HOUR, doc="how long it may take", gt=timedelta(0))
    poll_frequency: Duration = dynamic(
        timedelta(seconds=1), doc="time between two questions whether it has ended", gt=timedelta(0)
    )


class StatusOutputs(BaseModel):
    finalJobStatus: str  # noqa: N815 - the name of the output
    """In Airbyte's words."""


async def _server_sign_in(task: Server, session: Session) -> Mapping[str, str]:
    password = secret(task.password)
    if task.username is not None and password is not None:
        return basic(task.username, password)
    given = task.application_credentials
    if given is not None:
        body = {
            "client_id": given.client_id,
            "client_secret": given.client_secret.get_secret_value(),
            "grant-type": "client_credentials",
        }
        answer = await session.call(Call("POST", "/api/v1/applications/token", body=body), signed=False)
        return bearer(answer["access_token"])
    token = secret(task.token)
    return bearer(token) if token is not None else {}


_SERVER = Service(prefix="airbyte.connections", address=lambda task: task.url, sign_in=_server_sign_in)


async def _sync(task: Sync, session: Session) -> Outputs:
    body = {"connectionId": task.connection_id}
    try:
        answer = await session.call(Call("POST", "/api/v1/connections/sync/", body=body))
    except HttpFailed as failed:
        running = failed.status == 409 or _RUNNING in failed.body.lower()
        if not running or task.fail_on_active_sync:
            raise
        session.run.log("INFO", "A sync is running already")
        return {"alreadyRunning": True}
    job_id = int(answer["job"]["id"])
    session.run.log("INFO", f"Airbyte has started job {job_id}")
    if task.wait:
        await _job(session, job_id, task.poll_frequency, task.max_duration)
    return {"jobId": job_id, "alreadyRunning": False}


async def _check(task: CheckStatus, session: Session) -> Outputs:
    if not task.job_id.isdecimal():
        raise TaskFailed(f"jobId: `{task.job_id}` is no number")
    status = await _job(session, int(task.job_id), task.poll_frequency, task.max_duration)
    return {"finalJobStatus": status}


async def _job(session: Session, job_id: int, every: timedelta, most: timedelta) -> str:
    """Its status at the end. Raise TaskFailed unless it succeeded."""
    told: dict[int, int] = {}

    async def ask() -> Any:
        answer = await session.call(Call("POST", "/api/v1/jobs/get/", body={"id": job_id}))
        _tell(session, answer.body, told)
        return answer

    answer = await until(ask, lambda found: found["job"].get("status") in _ENDED[:3], every, most)
    attempts = [each.get("attempt") or {} for each in answer.body.get("attempts") or ()]
    for attempt in attempts:
        if attempt.get("failureSummary"):
            session.run.log("WARN", f"An attempt of job {job_id} failed: {attempt['failureSummary']}")
    status = str(answer["job"]["status"])
    if status != "succeeded":
        raise TaskFailed(f"job {job_id} ended as `{status}` after {len(attempts)} attempt(s)")
    _measure(session, attempts)
    return status


def _tell(session: Session, job: Mapping[str, Any], told: dict[int, int]) -> None:
    """The lines that are new since the last question."""
    for number, attempt in enumerate(job.get("attempts") or ()):
        lines = (attempt.get("logs") or {}).get("logLines") or ()
        for line in lines[told.get(number, 0) :]:
            session.run.log(_level(line), line)
        told[number] = len(lines)


def _level(line: str) -> Level:
    for level in _LEVELS:
        if level in line:
            return level
    return "INFO"


def _measure(session: Session, attempts: list[Mapping[str, Any]]) -> None:
    session.run.metric("counter", "attempts.count", len(attempts))
    names = {
        "recordsCommitted": "records.committed",
        "recordsEmitted": "records.emitted",
        "bytesEmitted": "bytes.emitted",
        "stateMessagesEmitted": "state.emitted",
    }
    for stream in (each for attempt in attempts for each in attempt.get("streamStats") or ()):
        for key, name in names.items():
            value = (stream.get("stats") or {}).get(key)
            if value is not None:
                session.run.metric("counter", name, value, {"stream": str(stream.get("streamName"))})


class CloudJob(Optioned, Waits):
    """Starts a job for a connection of Airbyte Cloud, and waits until it has ended."""

    connection_id: str = dynamic(doc="the connection")
    token: Secret | None = dynamic(None, doc="a token")
    client_id: str | None = dynamic(None, doc="an application, which asks for a token")
    client_secret: Secret | None = dynamic(None, doc="its secret")
    token_url: str = dynamic(
        "https://api.airbyte.com/v1/applications/token", doc="where tokens come from", alias="tokenURL"
    )
    username: str | None = dynamic(None, doc="who signs in")
    password: Secret | None = dynamic(None, doc="their password")
    endpoint: str = static("https://api.airbyte.com/v1", doc="address of the service")


class CloudOutputs(BaseModel):
    job: dict[str, Any]
    """`jobId`, `status`, `jobType`, `startTime`, `lastUpdatedAt`, `duration`, `bytesSynced` and `rowsSynced`."""


async def _cloud_sign_in(task: CloudJob, session: Session) -> Mapping[str, str]:
    token, password, client_secret = secret(task.token), secret(task.password), secret(task.client_secret)
    if token is not None:
        return bearer(token)
    if task.client_id is not None and client_secret is not None:
        body = {
            "client_id": task.client_id,
            "client_secret": client_secret,
            "grant_type": "client_credentials",
        }
        return bearer(
            (await session.call(Call("POST", task.token_url, body=body), signed=False))["access_token"]
        )
    if task.username is not None and password is not None:
        return basic(task.username, password)
    raise TaskFailed("`token`, `clientId` with `clientSecret`, or `username` with `password` is needed")


_CLOUD = Service(prefix="airbyte.cloud.jobs", address=lambda task: task.endpoint, sign_in=_cloud_sign_in)


async def _cloud_job(kind: str, task: CloudJob, session: Session) -> Outputs:
    body = {"connectionId": task.connection_id, "jobType": kind}
    started = await session.call(Call("POST", "/jobs", body=body))
    job_id = started["jobId"]
    session.run.log("INFO", f"Airbyte has started job {job_id}")
    if not task.wait:
        return {"job": started.body}

    async def ask() -> Any:
        return (await session.call(Call("GET", at("/jobs/{}", job_id)))).body

    job = await until(
        ask, lambda found: found.get("status") in _ENDED, task.poll_frequency, task.max_duration
    )
    for key, name in (("bytesSynced", "bytes_synced"), ("rowsSynced", "rows_synced")):
        if job.get(key) is not None:
            session.run.metric("counter", name, job[key])
    if job["status"] != "succeeded":
        raise TaskFailed(f"job {job_id} ended as `{job['status']}`", {"job": job})
    return {"job": job}


_ADDRESS = "url: https://airbyte.example.com\n"
_SIGNED = "token: \"{{ secret('AIRBYTE') }}\"\n"
_CONNECTION = "connectionId: e3b1ce92-547c-436f-b1e8-23b6936c12cd\n"
_CLOUD_HEAD = f"endpoint: https://api.airbyte.com/v1\n{_SIGNED}{_CONNECTION}"
SYNC = declared(
    _SERVER,
    "Sync",
    "Sync a connection of Airbyte",
    Sync,
    _sync,
    SyncOutputs,
    _ADDRESS + _SIGNED + _CONNECTION,
)
CHECK_STATUS = declared(
    _SERVER,
    "CheckStatus",
    "Wait for a job of Airbyte",
    CheckStatus,
    _check,
    StatusOutputs,
    f'{_ADDRESS}{_SIGNED}jobId: "970"\n',
)
CLOUD_SYNC = declared(
    _CLOUD,
    "Sync",
    "Sync a connection of Airbyte Cloud",
    CloudJob,
    partial(_cloud_job, "sync"),
    CloudOutputs,
    _CLOUD_HEAD,
)
CLOUD_RESET = declared(
    _CLOUD,
    "Reset",
    "Empty what a connection of Airbyte Cloud has synced",
    CloudJob,
    partial(_cloud_job, "reset"),
    CloudOutputs,
    _CLOUD_HEAD,
)
