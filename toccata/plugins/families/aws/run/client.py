"""Clients of Amazon's services, one a task."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from toccata.plugin import TaskFailed, in_thread
from toccata.plugins.families.aws.connection import Connection

Result = TypeVar("Result")
_SESSION = "toccata"


class Stopped(Exception):
    """The task was killed while it transferred."""


class Client:
    """One service as one task sees it. ``stopped`` is set when the task is killed: long transfers look at it."""

    def __init__(self, client: Any) -> None:
        self.stopped = threading.Event()
        self._client = client

    @property
    def region(self) -> str:
        return str(self._client.meta.region_name)

    async def call(self, about: str, work: Callable[..., Result], *arguments: Any) -> Result:
        """Run ``work(client, *arguments)`` in a thread. ``about`` says in errors what it was about. Raise TaskFailed."""
        try:
            return await in_thread(work, self._client, *arguments, stop=self.stopped.set)
        except ClientError as error:
            said = error.response.get("Error", {})
            reason = said.get("Message") or f"the service answers {said.get('Code', 'with an error')}"
            raise TaskFailed(f"{about}: {reason} ({said.get('Code', '?')}, {error.operation_name})") from None
        except (BotoCoreError, Boto3Error, ResponseParserError) as error:
            raise TaskFailed(f"{about}: {error}") from None


@asynccontextmanager
async def connected(task: Connection, service: str) -> AsyncIterator[Client]:
    """Raise TaskFailed if something needed is missing. Nothing is sent yet, but to take on a role."""
    try:
        client = await in_thread(_made, task, service)
    except ClientError as error:
        raise TaskFailed(f"stsRoleArn: the role cannot be taken on: {error}") from None
    except (BotoCoreError, ValueError) as error:
        raise TaskFailed(f"{service}: {error}") from None
    try:
        yield Client(client)
    finally:
        client.close()


def _made(task: Connection, service: str) -> Any:
    session = boto3.session.Session(**_keys(task), region_name=task.region)
    if task.sts_role_arn is not None:
        session = _as_role(session, task)
    return session.client(service, endpoint_url=task.endpoint_override, config=_config(task))


def _keys(task: Connection) -> dict[str, str]:
    if (task.access_key_id is None) != (task.secret_key_id is None):
        raise ValueError("accessKeyId and secretKeyId belong together: give both, or neither")
    if task.access_key_id is None or task.secret_key_id is None:
        return {}
    keys = {
        "aws_access_key_id": task.access_key_id,
        "aws_secret_access_key": task.secret_key_id.get_secret_value(),
    }
    if task.session_token is not None:
        keys["aws_session_token"] = task.session_token.get_secret_value()
    return keys


def _as_role(session: boto3.session.Session, task: Connection) -> boto3.session.Session:
    asked: dict[str, Any] = {
        "RoleArn": task.sts_role_arn,
        "RoleSessionName": task.sts_role_session_name or _SESSION,
        "DurationSeconds": int(task.sts_role_session_duration.total_seconds()),
    }
    if task.sts_role_external_id is not None:
        asked["ExternalId"] = task.sts_role_external_id
    giver = session.client("sts", endpoint_url=task.sts_endpoint_override)
    try:
        given = giver.assume_role(**asked)["Credentials"]
    finally:
        giver.close()
    return boto3.session.Session(
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        region_name=task.region,
    )


def _config(task: Connection) -> Config:
    checksums = "when_required" if task.compatibility_mode else "when_supported"
    return Config(
        s3={"addressing_style": "path" if task.force_path_style else "auto"},
        request_checksum_calculation=checksums,
        response_checksum_validation=checksums,
        retries={"mode": "standard"},
    )
