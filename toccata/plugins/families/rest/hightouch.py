"""Hightouch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from toccata.plugin import Duration, Outputs, Secret, TaskFailed, dynamic, static
from toccata.plugins.families.rest.api import (
    Call,
    Optioned,
    Service,
    Session,
    at,
    by_token,
    declared,
    until,
)

_SECOND = timedelta(seconds=1)
_ENDED = ("success", "failed", "cancelled")


class Sync(Optioned):
    """Starts a sync, and waits until its run has ended."""

    token: Secret = dynamic(doc="the key")
    sync_id: int = dynamic(doc="the sync")
    full_resynchronization: bool = dynamic(default=False, doc="send all rows again")
    wait: bool = dynamic(default=True, doc="false: the task ends as soon as the run is started")
    max_duration: Duration = dynamic(timedelta(minutes=5), doc="how long it may take", gt=timedelta(0))
    endpoint: str = static("https://api.hightouch.com", doc="address of the service")


class SyncOutputs(BaseModel):
    runId: int  # noqa: N815 - the name of the output
    """The run."""
    metadata: dict[str, Any] | None
    """What Hightouch says of the run at its end."""


_SERVICE = Service(prefix="hightouch", address=lambda task: task.endpoint, sign_in=by_token("token"))
_ROWS = {
    "successfulRows": {
        "addedCount": "rows.successfullyAdded",
        "removedCount": "rows.successfullyRemoved",
        "changedCount": "rows.successfullyChanged",
    },
    "failedRows": {
        "addedCount": "rows.failedAdded",
        "removedCount": "rows.failedRemoved",
        "changedCount": "rows.failedChanged",
    },
}


async def _sync(task: Sync, session: Session) -> Outputs:
    path = at("/api/v1/syncs/{}", task.sync_id)
    body = {"fullResync": task.full_resynchronization}
    run_id = (await session.call(Call("POST", f"{path}/trigger", body=body)))["id"]
    session.run.log("INFO", f"Hightouch has started run {run_id}")
    if not task.wait:
        return {"runId": run_id}

    async def ask() -> Mapping[str, Any]:
        found = (await session.call(Call("GET", f"{path}/runs", {"runId": run_id})))["data"]
        if len(found) != 1:
            raise TaskFailed(f"Hightouch knows {len(found)} runs {run_id}")
        run: Mapping[str, Any] = found[0]
        return run

    run = await until(ask, lambda found: str(found.get("status")) in _ENDED, _SECOND, task.max_duration)
    outputs = {"runId": run_id, "metadata": run}
    if run["status"] != "success":
        reason = f": {run['error']}" if run.get("error") else ""
        raise TaskFailed(f"run {run_id} ended as `{run['status']}`{reason}", outputs)
    for group, names in _ROWS.items():
        for key, name in names.items():
            if (run.get(group) or {}).get(key) is not None:
                session.run.metric("counter", name, run[group][key])
    return outputs


SYNC = declared(
    _SERVICE,
    "Sync",
    "Run a sync of Hightouch",
    Sync,
    _sync,
    SyncOutputs,
    "endpoint: https://api.hightouch.com\ntoken: \"{{ secret('HIGHTOUCH') }}\"\nsyncId: 1127166\n",
)
