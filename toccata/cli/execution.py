"""``toccata execution``: look at executions, their logs, and steer them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from toccata.cli.api import Api, Refusal, segment
from toccata.cli.errors import CommandError
from toccata.cli.output import clock, date, err, say, say_json, say_table, seconds, state
from toccata.cli.progress import follow_logs, say_log
from toccata.cli.settings import read_settings

Format = Literal["table", "json"]


@dataclass(frozen=True, slots=True)
class Filter:
    namespace: str | None
    """With those below it."""
    flow: str | None
    states: Sequence[str]

    def query(self) -> list[tuple[str, str]]:
        query = [("state", ",".join(self.states))] if self.states else []
        query += [("namespace", self.namespace)] if self.namespace else []
        return query + ([("flowId", self.flow)] if self.flow else [])


def list_all(wanted: Filter, most: int, form: Format) -> None:
    """Newest first."""
    query = [("sort", "state.startDate:desc"), *wanted.query()]
    found = list(Api(read_settings()).pages("/executions/search", query, most))
    if form == "json":
        say_json(found)
        return
    if not found:
        err.print("There are no executions.")
        return
    say_table(
        ("ID", "FLOW", "STATE", "STARTED", "DURATION"),
        [
            (
                each["id"],
                f"{each['namespace']}.{each['flowId']}",
                state(each["state"]["current"]),
                date(each["state"]["startDate"]),
                seconds(each["state"].get("duration")),
            )
            for each in found
        ],
    )


def get(execution: str, form: Format) -> None:
    page = _asked("GET", execution)
    if form == "json":
        say_json(page)
        return
    for name, value in _facts(page):
        say((f"{name:<10}", "bold"), value)
    runs = page.get("taskRunList", [])
    if runs:
        say("")
        say_table(
            ("TASK", "STATE", "STARTED", "DURATION", "ATTEMPTS", "OUTPUTS"), [_run_row(run) for run in runs]
        )


def logs(execution: str, level: str | None, *, follow: bool) -> None:
    _asked("GET", execution)  # logs of an unknown execution are an empty list
    api = Api(read_settings())
    if follow:
        follow_logs(api, execution, level)
        return
    query = [("minLevel", level)] if level else []
    for entry in api.get(f"/logs/{segment(execution)}", query):
        say_log(entry)


def kill(executions: Sequence[str]) -> None:
    for execution in executions:
        page = _asked("DELETE", execution, "/actions/kill")
        say(execution, " ", state(page["state"]["current"]))


def restart(executions: Sequence[str]) -> None:
    for execution in executions:
        page = _asked("POST", execution, "/actions/restart")
        say(execution, " ", state(page["state"]["current"]))


def _asked(method: str, execution: str, action: str = "") -> Any:
    try:
        return Api(read_settings()).ask(method, f"/executions/{segment(execution)}{action}")
    except Refusal as refusal:
        if refusal.status != 404:
            raise
        advice = "`toccata execution list` shows those there are."
        raise CommandError(f"There is no execution {execution}.", advice) from refusal


def _facts(page: dict[str, Any]) -> list[tuple[str, str | tuple[str, str]]]:
    current = page["state"]
    facts: list[tuple[str, str | tuple[str, str]]] = [
        ("id", page["id"]),
        ("flow", f"{page['namespace']}.{page['flowId']} revision {page['flowRevision']}"),
        ("state", state(current["current"])),
        ("started", date(current["startDate"])),
        ("duration", seconds(current.get("duration"))),
        ("states", ", ".join(f"{place['state']} {clock(place['date'])}" for place in current["histories"])),
    ]
    labels = {label["key"]: label["value"] for label in page.get("labels", [])}
    if page.get("trigger"):
        facts.append(("trigger", f"{page['trigger']['id']} ({page['trigger']['type']})"))
    for name, value in (("labels", labels), ("inputs", page.get("inputs")), ("outputs", page.get("outputs"))):
        if value:
            facts.append((name, json.dumps(value, ensure_ascii=False)))
    return facts


def _run_row(run: dict[str, Any]) -> tuple[str | tuple[str, str], ...]:
    name = run["taskId"] + (f"[{run['value']}]" if "value" in run else "")
    outputs = json.dumps(run["outputs"], ensure_ascii=False) if run.get("outputs") else ""
    return (
        name,
        state(run["state"]["current"]),
        clock(run["state"]["startDate"]),
        seconds(run["state"].get("duration")),
        str(len(run.get("attempts", []))),
        outputs if len(outputs) <= 80 else outputs[:79] + "…",
    )
