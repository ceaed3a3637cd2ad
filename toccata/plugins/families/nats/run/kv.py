"""``nats.kv.*``"""

from __future__ import annotations

from typing import Any

from nats.js.api import KeyValueConfig
from nats.js.errors import BucketNotFoundError, KeyNotFoundError

from toccata.plugin import NotJson, Outputs, RunContext, TaskFailed, read_json, write_json
from toccata.plugins.families.nats import types
from toccata.plugins.families.nats.run.client import connected


async def run_create_bucket(task: types.CreateBucket, run: RunContext) -> Outputs:
    del run
    config = KeyValueConfig(
        bucket=task.name,
        description=task.description,
        history=task.history_per_key,
        max_bytes=task.bucket_size,
        max_value_size=task.value_size,
    )
    async with connected(task) as nats:
        stream = nats.jetstream()
        bucket = await stream.create_key_value(config)
        if task.metadata:
            made = (await bucket.status()).stream_info.config
            made.metadata = {**(made.metadata or {}), **task.metadata}
            await stream.update_stream(made)
        info = (await bucket.status()).stream_info
    metadata = {
        name: value for name, value in (info.config.metadata or {}).items() if not name.startswith("_nats.")
    }
    return {
        "bucket": task.name,
        "description": info.config.description,
        "history": info.config.max_msgs_per_subject,
        "entryCount": info.state.messages,
        "bucketSize": info.config.max_bytes,
        "valueSize": info.config.max_msg_size,
        "metadata": metadata,
    }


async def _bucket(nats: Any, name: str) -> Any:
    try:
        return await nats.jetstream().key_value(name)
    except BucketNotFoundError:
        raise TaskFailed(f"bucketName: there is no bucket `{name}`") from None


async def run_put(task: types.Put, run: RunContext) -> Outputs:
    del run
    async with connected(task) as nats:
        bucket = await _bucket(nats, task.bucket_name)
        return {
            "revisions": {key: await bucket.put(key, write_json(value)) for key, value in task.values.items()}
        }


async def run_get(task: types.Get, run: RunContext) -> Outputs:
    del run
    wanted: dict[str, int | None] = dict.fromkeys(task.keys)
    if task.key_revisions is not None:
        wanted = dict(task.key_revisions)
    found = {}
    async with connected(task) as nats:
        bucket = await _bucket(nats, task.bucket_name)
        for key, revision in wanted.items():
            try:
                entry = await bucket.get(key, revision)
                found[key] = read_json(entry.value or b"null")
            except KeyNotFoundError:
                continue
            except NotJson as error:
                raise TaskFailed(f"`{key}` holds no JSON: {error}") from None
    return {"output": found}


async def run_delete(task: types.Delete, run: RunContext) -> Outputs:
    del run
    async with connected(task) as nats:
        bucket = await _bucket(nats, task.bucket_name)
        for key in task.keys:
            await bucket.delete(key)
    return {"deletedCount": len(task.keys)}
