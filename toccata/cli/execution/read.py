"""Lists executions, and shows one with its task runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from toccata.cli.api import Refusal, api_of, segment
from toccata.cli.errors import CommandError
from toccata.cli.option import Form
from toccata.cli.output import clock, date, err, say, say_table, say_value, seconds, state
from toccata.cli.target.value import Target


@dataclass(frozen=True, slots=True)
class Filter:
    namespace: str | None
    """Includes the namespaces below it."""
    flow: str | None
    states: Sequence[str]

    def query(self) -> list[tuple[str, str]]:
        query = [("state", ",".join(self.states))] if self.states else []
        query += [("namespace", self.namespace)] if self.namespace else []
        return query + ([("flowId", self.flow)] if self.flow else [])


def list_all(target: Target, wanted: Filter, most: int, form: Form) -> None:
    """Newest first."""
    query = [("sort", "state.startDate:desc"), *wanted.query()]
    found = list(api_of(target).pages("/executions/search", query, most))
    if form != "table":
        say_value(found, form)
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


def get(target: Target, execution: str, form: Form) -> None:
    page = one(target, execution)
    if form != "table":
        say_value(page, form)
        return
    for name, value in _facts(page):
        say((f"{name:<10}", "bold"), value)
    runs = page.get("taskRunList", [])
    if runs:
        say("")
        say_table(
            ("TASK", "STATE", "STARTED", "DURATION", "ATTEMPTS", "OUTPUTS"), [_run_row(run) for run in runs]
        )


def one(target: Target, execution: str) -> Any:
    """The page of the execution. Raises CommandError if there is none."""
    return asked(target, "GET", execution)


def asked(target: Target, method: str, execution: str, action: str = "") -> Any:
    try:
        return api_of(target).ask(method, f"/executions/{segment(execution)}{action}")
    except Refusal as refusal:
        if refusal.status != 404:
            raise
        advice = "`toccata execution list` shows those there are."
        raise CommandError(f"There is no execution {execution}.", advice) from refusal


def run_name(run: dict[str, Any]) -> str:
    """The task, with the value of its loop."""
    return f"{run['taskId']} [{run['value']}]" if run.get("value") is not None else str(run["taskId"])


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
    outputs = json.dumps(run["outputs"], ensure_ascii=False) if run.get("outputs") else ""
    return (
        run_name(run),
        state(run["state"]["current"]),
        clock(run["state"]["startDate"]),
        seconds(run["state"].get("duration")),
        str(len(run.get("attempts", []))),
        outputs if len(outputs) <= 80 else outputs[:79] + "…",
    )
