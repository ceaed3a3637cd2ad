"""Where Sentry takes events, and how they are wrapped."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from toccata.plugin import TaskFailed, write_json
from toccata.plugins.families.notifications.run.send import Delivery


def delivery(dsn: str, kind: str, event: Any) -> Delivery:
    """``dsn`` is ``https://<key>@<host>/<project>``. Raise TaskFailed for another one."""
    parts = urlsplit(dsn)
    path, _, project = parts.path.rpartition("/")
    if parts.scheme not in {"http", "https"} or not parts.username or not parts.hostname or not project:
        raise TaskFailed("dsn: write it as https://<key>@<host>/<project>")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    root = f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''}{path}/api/{project}"
    headers = {
        "X-Sentry-Auth": f"Sentry sentry_version=7, sentry_client=toccata/1.0, sentry_key={parts.username}"
    }
    if kind == "STORE":
        return Delivery(f"{root}/store/", event, headers=headers)
    item = write_json(event)
    head = write_json({"event_id": event.get("event_id")} if isinstance(event, dict) else {})
    raw = head + b"\n" + write_json({"type": "event", "length": len(item)}) + b"\n" + item + b"\n"
    return Delivery(
        f"{root}/envelope/", raw=raw, content_type="application/x-sentry-envelope", headers=headers
    )
