"""``toccata logs`` and ``toccata execution logs``: shows the log lines of one execution, or the latest of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from toccata.cli.api import Api, api_of, segment
from toccata.cli.errors import MISUSED, CommandError
from toccata.cli.execution.read import one, run_name
from toccata.cli.option import Form
from toccata.cli.output import LEVEL_STYLES, clock, err, say, say_value
from toccata.cli.target.value import Target


@dataclass(frozen=True, slots=True)
class Filter:
    namespace: str | None
    flow: str | None
    level: str | None

    def query(self) -> list[tuple[str, str]]:
        pairs = (("namespace", self.namespace), ("flowId", self.flow), ("minLevel", self.level))
        return [(name, value) for name, value in pairs if value]


def of_execution(target: Target, execution: str, level: str | None, form: Form, *, follow: bool) -> None:
    """Show all its lines. With ``follow``, go on until it has ended or the person stops."""
    page = one(target, execution)  # the API gives an empty list for an unknown execution
    api = api_of(target)
    if follow:
        if form == "yaml":
            raise CommandError("Lines that are still to come are no YAML document.", "Use -o json.", MISUSED)
        from toccata.cli.progress import Progress, Shown

        Progress(api, execution, level, Shown(states=False, form=form)).show()
        return
    entries = lines_of(api, execution, level)
    if form != "table":
        say_value(entries, form)
        return
    names = {run["id"]: run_name(run) for run in page.get("taskRunList", [])}
    for entry in entries:
        say_log(entry, names.get(entry.get("taskRunId", "")))


def lines_of(api: Api, execution: str, level: str | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(
        f"/logs/{segment(execution)}", [("minLevel", level)] if level else []
    )
    return found


def latest(target: Target, wanted: Filter, most: int, form: Form, *, follow: bool) -> None:
    """Show the newest lines of all executions, the oldest of them first."""
    if follow:
        raise CommandError(
            "Only the lines of one execution can be followed.",
            "Name it: `toccata logs EXECUTION --follow`. `toccata events tail attempts.logs` shows those of all.",
            MISUSED,
        )
    query = [("sort", "timestamp:desc"), *wanted.query()]
    found = list(api_of(target).pages("/logs/search", query, most))[::-1]
    if form != "table":
        say_value(found, form)
    elif not found:
        err.print("There are no log lines.")
    else:
        for entry in found:
            say_log(entry, f"{entry.get('flowId')}.{entry.get('taskId') or entry.get('triggerId') or ''}")


def say_log(entry: dict[str, Any], name: str | None = None) -> None:
    """``name`` is the task run's name, if it says more than the line itself."""
    task = name or entry.get("taskId") or entry.get("triggerId") or ""
    level = entry["level"]
    for line in str(entry["message"]).splitlines() or [""]:
        say(
            (clock(entry["timestamp"]), "dim"),
            f"  {task:<20} ",
            (f"{level:<5}", LEVEL_STYLES.get(level, "")),
            f" {line}",
        )
