"""A connection, one a task."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import nats
from nats.aio.client import RawCredentials
from nats.errors import Error, NoServersError

from toccata.plugin import TaskFailed
from toccata.plugins.families.nats.types import Nats

_CONNECT_SECONDS = 10


@asynccontextmanager
async def connected(task: Nats) -> AsyncIterator[Any]:
    """Raise TaskFailed, also for what goes wrong inside."""
    said: list[Exception] = []

    async def hear(error: Exception) -> None:
        said.append(error)

    try:
        client = await nats.connect(
            [each.strip() for each in task.url.split(",")],
            connect_timeout=_CONNECT_SECONDS,
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=1,
            error_cb=hear,
            **_sign_in(task),
        )
    except (Error, OSError, ValueError, TimeoutError) as error:
        reason = said[-1] if isinstance(error, NoServersError) and said else error
        raise TaskFailed(f"{task.url.rpartition('@')[2]}: {reason or type(reason).__name__}") from None
    try:
        yield client
    except (Error, OSError, TimeoutError) as error:
        raise TaskFailed(f"NATS: {error or type(error).__name__}") from None
    finally:
        await client.close()


def _sign_in(task: Nats) -> dict[str, Any]:
    if task.creds is not None:
        return {"user_credentials": RawCredentials(task.creds.get_secret_value())}
    if task.token is not None:
        return {"token": task.token.get_secret_value()}
    if task.username is not None:
        password = task.password.get_secret_value() if task.password is not None else ""
        return {"user": task.username, "password": password}
    return {}
