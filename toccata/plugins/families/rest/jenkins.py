"""Jenkins: builds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from toccata.plugin import Secret, dynamic
from toccata.plugins.families.rest.api import (
    Call,
    Optioned,
    Service,
    Session,
    at,
    basic,
    declared,
    one,
    secret,
)


class Job(Optioned):
    server_url: str = dynamic(doc="address of Jenkins")
    job_name: str = dynamic(doc="the job, with its folders: `team/project/job`")
    username: str | None = dynamic(None, doc="who signs in")
    api_token: Secret | None = dynamic(None, doc="their token")


class Build(Job):
    """Starts a build of a job."""

    parameters: dict[str, Any] | None = dynamic(None, doc="parameters of the build")


class BuildOutputs(BaseModel):
    status: int
    """Of Jenkins' answer."""


class Info(Job):
    """Says how a build is."""

    build_number: int = dynamic(doc="number of the build")


class InfoOutputs(BaseModel):
    info: dict[str, Any]
    """What Jenkins says of it."""


async def _sign_in(task: Job, session: Session) -> Mapping[str, str]:
    del session
    token = secret(task.api_token)
    return basic(task.username, token) if task.username is not None and token is not None else {}


_SERVICE = Service(prefix="jenkins", address=lambda task: task.server_url, sign_in=_sign_in)


def _path(task: Job) -> str:
    return "".join(at("/job/{}", part) for part in task.job_name.split("/") if part)


def _build(task: Build) -> Call:
    return Call("POST", f"{_path(task)}/buildWithParameters", form=task.parameters or {})


_HEAD = "serverUrl: https://jenkins.example.com\nusername: reports\napiToken: \"{{ secret('JENKINS') }}\"\njobName: team/deploy\n"
BUILD = declared(
    _SERVICE,
    "JobBuild",
    "Start a build of Jenkins",
    Build,
    one(_build, lambda _task, answer: {"status": answer.status}),
    BuildOutputs,
    f"{_HEAD}parameters:\n  branch: main\n",
)
INFO = declared(
    _SERVICE,
    "JobInfo",
    "See how a build of Jenkins is",
    Info,
    one(
        lambda task: Call("GET", f"{_path(task)}/{task.build_number}/api/json"),
        lambda _task, answer: {"info": answer.body or {}},
    ),
    InfoOutputs,
    f"{_HEAD}buildNumber: 7\n",
)
