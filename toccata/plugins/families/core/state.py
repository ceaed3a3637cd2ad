"""``core.state.*``: a map that executions of a flow share. It is a value of the flow's namespace."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any

from pydantic import BaseModel

from toccata.plugin import KeyMissing, Outputs, Properties, RunContext, TaskFailed, TaskType, dynamic

_NAME = "io.kestra.plugin.core.state"
_OLD = "io.kestra.core.tasks.states"
_VALUES = "io.kestra.plugin.core.kv"


class State(Properties):
    name: str = dynamic("default", doc="name of the state")
    namespace: bool = dynamic(default=False, doc="true: all flows of the namespace share the state")
    taskrun_value: bool = dynamic(default=True, doc="true: each value of a loop has a state of its own")


class StateSet(State):
    """Stores entries of a state. Entries that are not named stay."""

    data: dict[str, Any] = dynamic({}, doc="the entries")


class StateGet(State):
    """Reads a state."""

    error_on_missing: bool = dynamic(default=False, doc="true: the task fails if there is no state")


class StateDelete(State):
    """Deletes a state."""

    error_on_missing: bool = dynamic(default=False, doc="true: the task fails if there is no state")


class StateSetOutputs(BaseModel):
    count: int
    """The number of entries after the change."""
    key: str
    """Key of the value that holds the state."""


class StateGetOutputs(BaseModel):
    count: int
    data: dict[str, Any]


class StateDeleteOutputs(BaseModel):
    deleted: bool
    """Whether there was a state."""


def key_of(task: State, run: RunContext) -> str:
    """The key of the value. Another flow or another value of a loop has another one."""
    value = run.variables.get("taskrun", {}).get("value") if task.taskrun_value else None
    parts = [] if task.namespace else [str(run.variables["flow"]["id"])]
    parts += ["states", task.name]
    if value is not None:
        parts.append(blake2b(str(value).encode(), digest_size=8).hexdigest())
    return re.sub(r"[^a-zA-Z0-9._-]", "-", "_".join(parts))


async def run_set(task: StateSet, run: RunContext) -> Outputs:
    key = key_of(task, run)
    data = {**(await _found(run, key) or {}), **task.data}
    await run.values.set(key, data, kind="JSON")
    return {"count": len(data), "key": key}


async def run_get(task: StateGet, run: RunContext) -> Outputs:
    data = await _found(run, key_of(task, run))
    if data is None and task.error_on_missing:
        raise TaskFailed(f"There is no state `{task.name}`")
    return {"count": len(data or {}), "data": data or {}}


async def run_delete(task: StateDelete, run: RunContext) -> Outputs:
    deleted = await run.values.delete(key_of(task, run))
    if not deleted and task.error_on_missing:
        raise TaskFailed(f"There is no state `{task.name}`")
    return {"deleted": deleted}


async def _found(run: RunContext, key: str) -> dict[str, Any] | None:
    """The state, but never one of a namespace above, as a value may be. None: there is none."""
    if key not in await run.values.keys():
        return None
    try:
        data = await run.values.get(key)
    except KeyMissing:
        return None  # deleted meanwhile
    return data if isinstance(data, dict) else {}


SET = TaskType(
    name=f"{_NAME}.Set",
    title="Store a state",
    properties=StateSet,
    run=run_set,
    outputs=StateSetOutputs,
    aliases=(f"{_OLD}.Set",),
    deprecated_by=f"{_VALUES}.Set",
    examples=(f"id: remember\ntype: {_NAME}.Set\ndata: {{last: '{{{{ execution.id }}}}'}}",),
)
GET = TaskType(
    name=f"{_NAME}.Get",
    title="Read a state",
    properties=StateGet,
    run=run_get,
    outputs=StateGetOutputs,
    aliases=(f"{_OLD}.Get",),
    deprecated_by=f"{_VALUES}.Get",
    examples=(f"id: recall\ntype: {_NAME}.Get",),
)
DELETE = TaskType(
    name=f"{_NAME}.Delete",
    title="Delete a state",
    properties=StateDelete,
    run=run_delete,
    outputs=StateDeleteOutputs,
    aliases=(f"{_OLD}.Delete",),
    deprecated_by=f"{_VALUES}.Delete",
    examples=(f"id: forget\ntype: {_NAME}.Delete",),
)
