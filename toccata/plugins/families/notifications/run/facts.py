"""What a message says of an execution. Pure, but for the worker's clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from toccata.plugin import RunContext, TaskFailed

_PLACES = {
    "link": "link",
    "namespace": "namespace",
    "flowId": "flow_id",
    "state": "state",
    "startDate": "start_date",
    "duration": "duration",
    "executionId": "id",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    id: str
    namespace: str
    flow_id: str
    state: str = ""
    start_date: str = ""
    duration: str = ""
    link: str = ""
    message: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        ended = f" is {self.state}" if self.state else ""
        return f"Execution of {self.namespace}.{self.flow_id}{ended}"

    @property
    def failed(self) -> bool:
        return self.state in {"FAILED", "KILLED", "CANCELLED"}

    def lines(self) -> dict[str, str]:
        """Names and values that are known, in the order in which people read them."""
        known = {
            "Namespace": self.namespace,
            "Flow": self.flow_id,
            "Execution": self.id,
            "State": self.state,
            "Started": self.start_date,
            "Duration": self.duration,
            **self.fields,
        }
        return {name: value for name, value in known.items() if value}

    def text(self) -> str:
        """All of it, for services that take a plain text."""
        rows = [f"{name}: {value}" for name, value in self.lines().items()]
        return "\n".join(filter(None, (self.message, self.title, *rows, self.link)))


def facts_of(task: Any, run: RunContext, now: datetime | None = None) -> Facts:
    """Of the execution that the task names. Raise TaskFailed for one that a worker knows nothing of."""
    own = str((run.variables.get("execution") or {}).get("id", ""))
    found = _known(task.execution_id or own, run.variables, now or datetime.now(UTC))
    if run.public_url:
        path = "/".join(quote(part, safe="") for part in (found.namespace, found.flow_id, found.id))
        found = replace(found, link=f"{run.public_url.rstrip('/')}/ui/main/executions/{path}")
    fields = {str(name): _text(value) for name, value in (task.custom_fields or {}).items()}
    given = {
        _PLACES[name]: _text(value)
        for name, value in (task.template_render_map or {}).items()
        if name in _PLACES
    }
    return replace(found, message=task.custom_message or "", fields=fields, **given)


def _known(id_: str, variables: Mapping[str, Any], now: datetime) -> Facts:
    execution, flow, trigger = (variables.get(name) or {} for name in ("execution", "flow", "trigger"))
    if id_ == execution.get("id"):
        started = str(execution.get("startDate") or "")
        return Facts(
            id=id_,
            namespace=str(flow.get("namespace", "")),
            flow_id=str(flow.get("id", "")),
            state=str(execution.get("state") or ""),
            start_date=started,
            duration=_since(started, now),
        )
    if id_ and id_ == trigger.get("executionId"):
        return Facts(
            id=id_,
            namespace=str(trigger.get("namespace", "")),
            flow_id=str(trigger.get("flowId", "")),
            state=str(trigger.get("state") or ""),
        )
    raise TaskFailed(
        f"executionId: a worker knows nothing of execution `{id_}`: name the current one, or the one that triggered it "
        "with {{ trigger.executionId }}"
    )


def _since(started: str, now: datetime) -> str:
    try:
        seconds = (now - datetime.fromisoformat(started)).total_seconds()
    except (ValueError, TypeError):
        return ""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


def _text(value: Any) -> str:
    return "" if value is None else str(value)
