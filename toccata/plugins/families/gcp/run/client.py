"""A client of Google Cloud Storage, one a task."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import google.auth
from google.api_core.exceptions import GoogleAPIError
from google.auth import impersonated_credentials
from google.auth.exceptions import GoogleAuthError
from google.cloud import storage
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
from google.oauth2 import service_account
from requests.exceptions import RequestException

from toccata.plugin import TaskFailed, in_thread
from toccata.plugins.families.gcp.gcs import Google

Result = TypeVar("Result")
Task = TypeVar("Task", bound=Google)


class Stopped(Exception):
    """The task was killed while it transferred."""


class Calls:
    """``stopped`` is set when the task is killed: long transfers look at it."""

    def __init__(self) -> None:
        self.stopped = threading.Event()

    async def call(self, about: str, work: Callable[..., Result], *arguments: Any) -> Result:
        """Run it in a thread. ``about`` says in errors what it was about. Raise TaskFailed."""
        try:
            return await in_thread(work, *arguments, stop=self.stopped.set)
        except GoogleAPIError as error:
            reason = getattr(error, "message", None) or error
            raise TaskFailed(f"{about}: {reason}") from None
        except DataCorruption as error:
            raise TaskFailed(f"{about}: what arrived has another checksum: {error}") from None
        except (GoogleAuthError, InvalidResponse, RequestException) as error:
            raise TaskFailed(f"{about}: {error}") from None

    def go_on(self) -> None:
        if self.stopped.is_set():
            raise Stopped


class Client(Calls):
    """Google Cloud Storage as one task sees it."""

    def __init__(self, client: storage.Client) -> None:
        super().__init__()
        self.storage = client


@asynccontextmanager
async def connected(task: Google) -> AsyncIterator[Client]:
    """Raise TaskFailed if there is no sign-in."""
    async with opened(_made, task) as client:
        yield Client(client)


@asynccontextmanager
async def opened(make: Callable[[Task], Any], task: Task) -> AsyncIterator[Any]:
    """Give a client of the library, which is closed at the end. Raise TaskFailed if there is no sign-in."""
    try:
        client = await in_thread(make, task)
    except (GoogleAuthError, ValueError, OSError) as error:
        raise TaskFailed(f"Google Cloud: {error}") from None
    try:
        yield client
    finally:
        client.close()


def _made(task: Google) -> storage.Client:
    """Without a key the library looks for what the worker has, and for an emulator (``STORAGE_EMULATOR_HOST``)."""
    credentials, project = signed_in(task)
    return storage.Client(project=project, credentials=credentials)


def signed_in(task: Google) -> tuple[Any, str | None]:
    """Credentials, or None for what the worker has, and the project. Raise ValueError, and what the library raises."""
    credentials, project = None, task.project_id
    if task.service_account is not None:
        key = _key(task.service_account.get_secret_value())
        credentials = service_account.Credentials.from_service_account_info(key, scopes=task.scopes)
        project = project or key.get("project_id")
    if task.impersonated_service_account is not None:
        source = credentials or google.auth.default(scopes=task.scopes)[0]
        credentials = impersonated_credentials.Credentials(
            source, task.impersonated_service_account, target_scopes=task.scopes
        )
    return credentials, project


def _key(text: str) -> dict[str, Any]:
    """Its errors must not show the key."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ValueError("serviceAccount: must be the key of a service account, as text in JSON")  # noqa: TRY004 - as its caller expects
    return found
