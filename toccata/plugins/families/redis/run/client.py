"""A client, one a task."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from toccata.plugin import (
    NotJson,
    TaskFailed,
    read_json,
    write_json,
)
from toccata.plugins.families.redis.types import Connected, Form

_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 60.0


@asynccontextmanager
async def connected(task: Connected) -> AsyncIterator[Any]:
    """Raise TaskFailed, also for what goes wrong inside."""
    try:
        client: Any = Redis.from_url(
            task.url.get_secret_value(),
            socket_connect_timeout=_CONNECT_SECONDS,
            socket_timeout=_ANSWER_SECONDS,
            decode_responses=True,
        )
    except ValueError as error:
        raise TaskFailed(f"url: {error}") from None
    try:
        yield client
    except (RedisError, OSError, UnicodeDecodeError) as error:
        raise TaskFailed(f"Redis: {error}") from None
    finally:
        await client.aclose()


def written(value: Any, form: Form) -> str:
    """As Redis keeps it."""
    return value if form == "STRING" and isinstance(value, str) else write_json(value).decode()


def read(text: str, form: Form, key: str) -> Any:
    """Raise TaskFailed for what is no JSON and should be."""
    if form == "STRING":
        return text
    try:
        return read_json(text)
    except NotJson as error:
        raise TaskFailed(f"`{key}` holds no JSON: {error}") from None
