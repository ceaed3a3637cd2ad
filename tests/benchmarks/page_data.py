"""Large answers, as web would give them: many flows, task runs, log lines and tasks of one flow. Without a server behind."""

from __future__ import annotations

import json
from typing import Any

FLOWS, PAGE, RUNS, LINES, TASKS = 2_000, 50, 5_000, 100_000, 500
AT = "2026-11-30T12:00:00Z"
STATE = {
    "current": "SUCCESS",
    "histories": [{"state": "SUCCESS", "date": AT}],
    "startDate": AT,
    "endDate": AT,
}
EXECUTION: dict[str, Any] = {
    "id": "0" * 22,
    "namespace": "large",
    "flowId": "flow",
    "flowRevision": 1,
    "state": STATE,
    "taskRunList": [{"id": str(n), "taskId": f"task_{n % TASKS}", "state": STATE} for n in range(RUNS)],
}


def flows_page() -> Any:
    flows = [{"namespace": "large", "id": f"flow_{n}", "revision": 1} for n in range(PAGE)]
    return {"results": flows, "total": FLOWS}


def latest() -> Any:
    return [
        {
            "id": f"{n}{k}",
            "namespace": "large",
            "flowId": f"flow_{n}",
            "status": "SUCCESS",
            "startDate": AT,
            "endDate": AT,
        }
        for n in range(PAGE)
        for k in range(14)
    ]


def graph() -> Any:
    """A chain, a tenth of whose tasks lead on to one more."""
    nodes = [{"uid": str(n), "task": {"id": f"task_{n}", "type": "core.log.Log"}} for n in range(TASKS)]
    pairs = [(n, n + 1) for n in range(TASKS - 1)] + [(n, n + 5) for n in range(0, TASKS - 5, 10)]
    return {"nodes": nodes, "clusters": [], "edges": [{"source": str(a), "target": str(b)} for a, b in pairs]}


def events(name: str, values: list[Any]) -> str:
    frames = [("start", {"id": EXECUTION["id"]}), *((name, each) for each in values)]
    return "".join(f"id: {kind}\ndata: {json.dumps(value)}\n\n" for kind, value in frames)


def lines() -> str:
    found = [
        {
            "timestamp": AT,
            "level": "INFO",
            "message": f"line {n} of many, which says something",
            "taskId": "task_0",
        }
        for n in range(LINES)
    ]
    return events("line", found)


def answer_to(path: str) -> tuple[str, str]:
    """Return body and type of the answer to a request for this path of the API."""
    if "/logs/" in path and path.endswith("/follow"):
        return lines(), "text/event-stream"
    if path.endswith("/follow"):
        return events("end", [EXECUTION]), "text/event-stream"
    found: Any = {"results": [], "total": 0}
    for part, make in (
        ("/flows/search", flows_page),
        ("/executions/latest", latest),
        ("/graph", graph),
        (f"/executions/{EXECUTION['id']}", lambda: EXECUTION),
        ("/flows/large/flow", lambda: {"namespace": "large", "id": "flow", "revision": 1, "source": ""}),
    ):
        if part in path:
            found = make()
            break
    return json.dumps(found), "application/json"
