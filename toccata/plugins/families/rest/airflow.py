"""Apache Airflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from toccata.plugin import Outputs, dynamic
from toccata.plugins.families.rest.api import Call, Optioned, Service, Session, at, declared, until
from toccata.plugins.families.rest.waiting import Waits


class TriggerDagRun(Optioned, Waits):
    """Starts a run of a DAG. The state in which it ends is an output; a run that failed does not fail the task."""

    base_url: str = dynamic(doc="address of Airflow")
    dag_id: str = dynamic(doc="the DAG")
    headers: dict[str, str] | None = dynamic(None, doc="headers, such as those that sign in")
    wait: bool = dynamic(default=False, doc="true: wait until the run has ended")
    body: dict[str, Any] | None = dynamic(
        None,
        doc="the request, such as `conf: {…}`; without it, `conf` says which execution started the run",
    )


class DagRunOutputs(BaseModel):
    dagId: str  # noqa: N815 - the name of the output
    """The DAG."""
    dagRunId: str  # noqa: N815
    """Its run."""
    state: str
    """`success` or `failed`; without `wait`, that at the start."""
    started: str | None
    """When it began."""
    ended: str | None
    """When it ended."""


async def _sign_in(task: TriggerDagRun, session: Session) -> Mapping[str, str]:
    del session
    return task.headers or {}


_SERVICE = Service(prefix="airflow.dags", address=lambda task: task.base_url, sign_in=_sign_in)


async def _trigger(task: TriggerDagRun, session: Session) -> Outputs:
    path = at("/api/v1/dags/{}/dagRuns", task.dag_id)
    started = await session.call(Call("POST", path, body=task.body or {"conf": _whose(session)}))
    run_id = started["dag_run_id"]
    if not task.wait:
        return {"dagId": task.dag_id, "dagRunId": run_id, "state": started["state"]}

    async def ask() -> Any:
        return (await session.call(Call("GET", f"{path}{at('/{}', run_id)}"))).body

    run = await until(
        ask, lambda found: found.get("state") in ("success", "failed"), task.poll_frequency, task.max_duration
    )
    return {
        "dagId": task.dag_id,
        "dagRunId": run_id,
        "state": run["state"],
        "started": run.get("start_date"),
        "ended": run.get("end_date"),
    }


def _whose(session: Session) -> dict[str, str]:
    known = session.run.variables
    places = {"namespace": ("flow", "namespace"), "flow": ("flow", "id"), "task": ("task", "id")}
    places["execution"] = ("execution", "id")
    return {
        "source": "kestra",
        **{name: str((known.get(part) or {}).get(key, "")) for name, (part, key) in places.items()},
    }


TRIGGER_DAG_RUN = declared(
    _SERVICE,
    "TriggerDagRun",
    "Run a DAG of Airflow",
    TriggerDagRun,
    _trigger,
    DagRunOutputs,
    "baseUrl: https://airflow.example.com\ndagId: load_orders\nwait: true\n"
    'headers:\n  Authorization: "Bearer {{ secret(\'AIRFLOW\') }}"\nbody:\n  conf:\n    day: "2026-01-01"\n',
)
