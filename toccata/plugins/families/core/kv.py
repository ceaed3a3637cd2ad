"""``core.kv.*``: values by key, which belong to namespaces."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from toccata.plugin import (
    Duration,
    KeyMissing,
    Outputs,
    Properties,
    RunContext,
    TaskFailed,
    TaskType,
    ValueKind,
    dynamic,
    glob_pattern,
    static,
)

_OWN = "default: the flow's own"


class KvSet(Properties):
    """Stores a value. Tasks that start afterwards see it, on every worker."""

    key: str = dynamic(doc="letters, digits, `.`, `_` and `-`")
    value: Any = static(doc="the value; an expression keeps the type of its result")
    namespace: str | None = dynamic(None, doc=f"namespace that gets the value; {_OWN}")
    kv_type: ValueKind | None = dynamic(None, doc="converts the value; without it, text stays text")
    overwrite: bool = dynamic(default=True, doc="false: the task fails if the key has a value")
    ttl: Duration | None = dynamic(None, doc="how long the value counts; default: for ever")
    kv_description: str | None = dynamic(None, doc="what the value is for")


async def run_set(task: KvSet, run: RunContext) -> None:
    if task.ttl is not None and task.ttl.total_seconds() <= 0:
        raise TaskFailed(f"ttl: must be more than zero (given: {task.ttl})")
    await run.values.set(
        task.key,
        await run.evaluate(task.value),
        task.namespace,
        kind=task.kv_type,
        overwrite=task.overwrite,
        ttl=task.ttl,
        description=task.kv_description or "",
    )


SET = TaskType(
    name="io.kestra.plugin.core.kv.Set",
    title="Store a value",
    properties=KvSet,
    run=run_set,
    examples=('id: remember\ntype: io.kestra.plugin.core.kv.Set\nkey: last_run\nvalue: "{{ now() }}"',),
)


class KvGet(Properties):
    """Reads a value. Without a namespace, the namespaces above the flow's own are searched, too."""

    key: str = dynamic(doc="the key")
    namespace: str | None = dynamic(None, doc=f"namespace of the value; {_OWN}")
    error_on_missing: bool = dynamic(default=False, doc="true: the task fails if the key has no value")


class KvGetOutputs(BaseModel):
    value: Any
    """Null if the key has no value."""


async def run_get(task: KvGet, run: RunContext) -> Outputs:
    try:
        return {"value": await run.values.get(task.key, task.namespace)}
    except KeyMissing:
        if task.error_on_missing:
            raise
        return {"value": None}


GET = TaskType(
    name="io.kestra.plugin.core.kv.Get",
    title="Read a value",
    properties=KvGet,
    run=run_get,
    outputs=KvGetOutputs,
    examples=("id: recall\ntype: io.kestra.plugin.core.kv.Get\nkey: last_run",),
)


class KvGetKeys(Properties):
    """Lists the keys of a namespace."""

    prefix: str | None = dynamic(None, doc="only keys that begin so")
    namespace: str | None = dynamic(None, doc=f"namespace of the keys; {_OWN}")


class KvGetKeysOutputs(BaseModel):
    keys: list[str]
    """Ascending, without expired ones."""


async def run_get_keys(task: KvGetKeys, run: RunContext) -> Outputs:
    keys = await run.values.keys(task.namespace)
    return {"keys": [key for key in keys if key.startswith(task.prefix or "")]}


GET_KEYS = TaskType(
    name="io.kestra.plugin.core.kv.GetKeys",
    title="List keys",
    properties=KvGetKeys,
    run=run_get_keys,
    outputs=KvGetKeysOutputs,
    examples=("id: all\ntype: io.kestra.plugin.core.kv.GetKeys\nprefix: last_",),
)


class KvDelete(Properties):
    """Deletes a value."""

    key: str = dynamic(doc="the key")
    namespace: str | None = dynamic(None, doc=f"namespace of the value; {_OWN}")
    error_on_missing: bool = dynamic(default=False, doc="true: the task fails if the key has no value")


class KvDeleteOutputs(BaseModel):
    deleted: bool
    """Whether there was a value."""


async def run_delete(task: KvDelete, run: RunContext) -> Outputs:
    deleted = await run.values.delete(task.key, task.namespace)
    if not deleted and task.error_on_missing:
        raise TaskFailed(
            f"No value found for key '{task.key}'"
            + (f" in namespace '{task.namespace}'" if task.namespace else "")
        )
    return {"deleted": deleted}


DELETE = TaskType(
    name="io.kestra.plugin.core.kv.Delete",
    title="Delete a value",
    properties=KvDelete,
    run=run_delete,
    outputs=KvDeleteOutputs,
    examples=("id: forget\ntype: io.kestra.plugin.core.kv.Delete\nkey: last_run",),
)


def _short(value: object) -> object:
    """``io.kestra.plugin.core.kv.Key`` means ``key``."""
    return value.rpartition(".")[2].lower() if isinstance(value, str) else value


class Behavior(BaseModel):
    """What a purge removes."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    type: Annotated[Literal["key", "version"], BeforeValidator(_short)] = "key"
    expired_only: bool = Field(default=True, alias="expiredOnly")
    before: str | None = None
    keep_amount: int | None = Field(default=None, alias="keepAmount")


class PurgeKv(Properties):
    """Deletes values whose time is over. Old versions need no purge: only the latest version of a value is kept."""

    namespaces: list[str] | None = dynamic(None, doc="the namespaces; default: all")
    namespace_pattern: str | None = dynamic(None, doc="a glob of namespaces, instead of `namespaces`")
    key_pattern: str | None = dynamic(None, doc="a glob of keys; default: all")
    include_child_namespaces: bool = dynamic(default=True, doc="also the namespaces below `namespaces`")
    behavior: Behavior = dynamic(
        Behavior(),
        doc="`type: key` with `expiredOnly: false` deletes all matching keys; `type: version` finds nothing to do",
    )
    expired_only: bool | None = dynamic(None, doc="old form of `behavior.expiredOnly`")


class PurgeKvOutputs(BaseModel):
    size: int
    """How many values were deleted."""


async def run_purge(task: PurgeKv, run: RunContext) -> Outputs:
    if task.namespaces is not None and task.namespace_pattern is not None:
        raise TaskFailed("`namespaces` and `namespacePattern` cannot be used together")
    if task.behavior.type == "version":
        run.log(
            "INFO", "Only the latest version of each value is kept, so there are no old versions to purge"
        )
        return {"size": 0}
    only_expired = task.behavior.expired_only if task.expired_only is None else task.expired_only
    size = 0
    for namespace in filter(lambda each: _is_meant(task, each), await run.values.namespaces()):
        keys = await run.values.expired(namespace)
        if not only_expired:
            keys += await run.values.keys(namespace)
        for key in keys:
            if task.key_pattern is None or glob_pattern(task.key_pattern).fullmatch(key):
                size += await run.values.delete(key, namespace)
    return {"size": size}


def _is_meant(task: PurgeKv, namespace: str) -> bool:
    if task.namespace_pattern is not None:
        return glob_pattern(task.namespace_pattern).fullmatch(namespace) is not None
    if task.namespaces is None:
        return True
    return any(
        namespace == name or (task.include_child_namespaces and namespace.startswith(name + "."))
        for name in task.namespaces
    )


PURGE = TaskType(
    name="io.kestra.plugin.core.kv.PurgeKV",
    title="Delete expired values",
    properties=PurgeKv,
    run=run_purge,
    outputs=PurgeKvOutputs,
    examples=("id: purge\ntype: io.kestra.plugin.core.kv.PurgeKV\nnamespaces: [company.team]",),
)
