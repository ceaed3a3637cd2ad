"""``taskCache``: the outputs of a task that succeeded, kept for attempts with the same properties (docs/language/tasks.md#cache)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from contracts.json_text import dumps, loads
from contracts.language.expression.template import is_truthy
from contracts.language.types.duration import parse_duration
from contracts.work import RunAttempt
from services.worker.core.outcome import cleaned
from services.worker.run_context import AttemptContext
from toccata.plugin import Outputs, Properties, StorageRefused, TaskFailed
from toccata.runtime.errors import Transient
from toccata.runtime.storage import uri_of

_FOLDER = "task_cache"
_DIRECTORY = "{workingDir}"


@dataclass(frozen=True, slots=True)
class TaskCache:
    """The place of the outputs of one task with these properties."""

    uri: str
    ttl: timedelta | None
    """How long they count. None: for ever."""


async def cache_of(
    run: RunAttempt, written: Mapping[str, Any], task: Properties, context: AttemptContext
) -> TaskCache | None:
    """Return the cache that the task asks for, or None. Raise TaskFailed.

    The key has everything that the outputs may depend on: the task, the value of its loop, and its rendered properties. The path of the
    working directory is left out, because it is always another one."""
    if not is_truthy(str(await context.evaluate(written.get("enabled", False))).lower()):
        return None
    properties = dumps(task.model_dump(mode="json", by_alias=True, fallback=str)).decode()
    if context.has_directory:
        properties = properties.replace(str(await context.directory()), _DIRECTORY)
    value = context.variables.get("taskrun", {}).get("value")
    key = "\x1f".join((run.task_type, "" if value is None else f"={value}", properties))
    name = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    folders = (*run.namespace.split("."), run.flow_id, run.task_id, _FOLDER)
    return TaskCache(uri_of(*folders, f"{name}.json"), _ttl(await context.evaluate(written.get("ttl"))))


def _ttl(text: object) -> timedelta | None:
    if text is None or not str(text).strip():
        return None
    try:
        return parse_duration(str(text).strip())
    except ValueError as error:
        raise TaskFailed(f"taskCache.ttl: {error}") from None


async def cached(cache: TaskCache, context: AttemptContext) -> Outputs | None:
    """Return kept outputs that still count. A cache that cannot be read is none."""
    storage = context.shared_storage
    try:
        if cache.ttl is not None and datetime.now(UTC) - await storage.modified(cache.uri) > cache.ttl:
            return None
        found = loads(await storage.get(cache.uri))
    except (StorageRefused, Transient, ValueError):
        return None
    return found if isinstance(found, dict) else None


async def keep(cache: TaskCache, outputs: Outputs, context: AttemptContext) -> None:
    """Keep the outputs. A failure is a line in the log, and the task has succeeded all the same."""
    try:
        await context.shared_storage.put(cache.uri, dumps(cleaned(outputs)))
    except (StorageRefused, Transient, TypeError, ValueError) as error:
        context.log("WARN", f"The outputs cannot be kept in the task's cache: {error}")
