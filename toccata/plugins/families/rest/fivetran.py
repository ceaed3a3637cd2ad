"""Fivetran."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from toccata.plugin import Duration, Outputs, Secret, TaskFailed, dynamic
from toccata.plugins.families.rest.api import Call, Optioned, Service, Session, at, basic, declared, until
from toccata.plugins.families.rest.waiting import Waits


class Sync(Optioned, Waits):
    """Starts a sync, and waits until it has ended. A sync that failed fails the task."""

    api_key: str = dynamic(doc="the key")
    api_secret: Secret = dynamic(doc="its secret")
    base_url: str = dynamic("https://api.fivetran.com", doc="address of the service")
    connector_id: str = dynamic(doc="the connector")
    force: bool = dynamic(default=False, doc="stop a sync that runs, and begin again")
    poll_frequency: Duration = dynamic(
        timedelta(seconds=5), doc="time between two questions whether it has ended", gt=timedelta(0)
    )
    max_attempts: int | None = dynamic(None, ignored="use `options.retry`")
    initial_retry_delay: Duration | None = dynamic(None, ignored="use `options.retry`")


async def _sign_in(task: Sync, session: Session) -> Mapping[str, str]:
    del session
    return basic(task.api_key, task.api_secret.get_secret_value())


_SERVICE = Service(
    prefix="fivetran.connectors",
    address=lambda task: task.base_url,
    sign_in=_sign_in,
    headers={"Accept": "application/json;version=2"},
)


async def _sync(task: Sync, session: Session) -> Outputs | None:
    path = at("/v1/connectors/{}", task.connector_id)

    async def ask() -> Mapping[str, Any]:
        found: Mapping[str, Any] = (await session.call(Call("GET", path)))["data"]
        return found

    before = _completed(await ask())
    answer = await session.call(Call("POST", f"{path}/sync", body={"force": task.force}))
    session.run.log("INFO", f"Fivetran: {answer.body.get('message') or answer.body.get('code')}")
    if not task.wait:
        return None
    connector = await until(
        ask,
        lambda found: (done := _completed(found)) is not None and (before is None or done > before),
        task.poll_frequency,
        task.max_duration,
    )
    failed, succeeded = _instant(connector, "failed_at"), _instant(connector, "succeeded_at")
    if failed is not None and (succeeded is None or failed > succeeded):
        tasks = "; ".join(
            str(each.get("message") or each.get("code"))
            for each in (connector.get("status") or {}).get("tasks") or ()
        )
        raise TaskFailed(
            f"the sync of connector `{task.connector_id}` failed" + (f": {tasks}" if tasks else "")
        )
    return None


def _completed(connector: Mapping[str, Any]) -> datetime | None:
    """When its last sync ended."""
    ends = [_instant(connector, name) for name in ("succeeded_at", "failed_at")]
    return max((each for each in ends if each is not None), default=None)


def _instant(connector: Mapping[str, Any], name: str) -> datetime | None:
    text = connector.get(name)
    try:
        return datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        raise TaskFailed(f"the service answers with `{name}: {text}`, which is no time") from None


SYNC = declared(
    _SERVICE,
    "Sync",
    "Sync a connector of Fivetran",
    Sync,
    _sync,
    None,
    "baseUrl: https://api.fivetran.com\napiKey: my_key\napiSecret: \"{{ secret('FIVETRAN') }}\"\nconnectorId: speak_menial\n",
)
