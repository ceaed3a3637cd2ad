"""A client of Google BigQuery, one a task, and jobs that are tried again."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from google.api_core.exceptions import GoogleAPIError
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import GoogleAuthError
from google.cloud import bigquery

from toccata.plugin import RunContext, TaskFailed, in_thread
from toccata.plugins.families.gcp.bigquery import BigQuery, RetryAuto
from toccata.plugins.families.gcp.run.client import Calls, opened, signed_in

EMULATOR = "BIGQUERY_EMULATOR_HOST"


class Client(Calls):
    def __init__(self, client: bigquery.Client, task: BigQuery) -> None:
        super().__init__()
        self.bigquery = client
        self._task = task

    def table(self, text: str, what: str) -> str:
        """Its whole name, of ``dataset.table`` or ``project.dataset.table``, also with ``:`` after the project. Raise TaskFailed."""
        parts = text.strip().strip("`").replace(":", ".").rsplit(".", 2)
        if len(parts) == 2 and all(parts):
            parts.insert(0, self.bigquery.project)
        if len(parts) != 3 or not all(parts):
            raise TaskFailed(f"{what}: `{text}` must be a table as dataset.table or project.dataset.table")
        return ".".join(parts)

    async def job(
        self, run: RunContext, about: str, start: Callable[[], Any], *, is_dry: bool = False
    ) -> Any:
        """Start a job, wait for its end, and give it. It is tried again as the task says. A kill cancels it. Raise TaskFailed."""
        retry = self._task.retry_auto or RetryAuto()
        end = time.monotonic() + retry.max_duration.total_seconds()
        wait, tries = retry.interval.total_seconds(), 1
        while True:
            try:
                return await self._ended(run, start, is_dry=is_dry)
            except GoogleAPIError as error:
                reason = str(getattr(error, "message", None) or error)
                if not self._is_again(error) or tries >= retry.max_attempts or time.monotonic() > end:
                    raise TaskFailed(f"{about}: {reason}") from None
                pause = random.uniform(0, wait) if retry.type == "random" else wait  # noqa: S311 - no secret
                run.log("WARN", f"{about}: {reason}. Try {tries + 1} follows in {pause:g} s")
            except (GoogleAuthError, OSError, ValueError) as error:
                raise TaskFailed(f"{about}: {error}") from None
            await asyncio.sleep(pause)
            tries += 1
            if retry.type == "exponential":
                wait = min(wait * retry.delay_factor, retry.max_interval.total_seconds())

    async def _ended(self, run: RunContext, start: Callable[[], Any], *, is_dry: bool) -> Any:
        job = await in_thread(start)
        run.log("DEBUG", f"BigQuery job {job.job_id}")
        if not is_dry:
            await in_thread(job.result, stop=job.cancel)
        return job

    def _is_again(self, error: GoogleAPIError) -> bool:
        reasons = {str(each.get("reason")) for each in getattr(error, "errors", []) if isinstance(each, dict)}
        text = str(error)
        return bool(reasons & set(self._task.retry_reasons)) or any(
            each in text for each in self._task.retry_messages
        )


@asynccontextmanager
async def connected(task: BigQuery) -> AsyncIterator[Client]:
    """Raise TaskFailed if there is no sign-in."""
    async with opened(_made, task) as client:
        yield Client(client, task)


def _made(task: BigQuery) -> bigquery.Client:
    """An emulator of the worker's environment gets no sign-in, unless the task has one."""
    credentials, project = signed_in(task)
    if credentials is None and os.environ.get(EMULATOR):
        credentials = AnonymousCredentials()
    return bigquery.Client(project=project, credentials=credentials, location=task.location)
