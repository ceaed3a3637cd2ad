"""``toccata trigger backfill``: runs the past dates of a schedule, and shows, pauses, continues or deletes such a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from toccata.cli.api import Api, Refusal, api_of, json_body
from toccata.cli.errors import MISUSED, CommandError
from toccata.cli.option import Form
from toccata.cli.output import date, err, say, say_table, say_value
from toccata.cli.target.value import Target
from toccata.cli.trigger import Filter, Name, parse_trigger, unknown_trigger

CHANGES = {"pause": ("PUT", "pause"), "continue": ("PUT", "unpause"), "delete": ("POST", "delete")}
_DONE = {"pause": ("paused", "yellow"), "continue": ("goes on", "green"), "delete": ("deleted", "green")}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The arguments of ``create``, as typed."""

    start: str
    end: str | None
    inputs: Sequence[str]
    labels: Sequence[str]


def create(target: Target, trigger: str, wanted: Wanted, form: Form) -> None:
    name = parse_trigger(trigger)
    backfill: dict[str, Any] = {"start": _instant(wanted.start, "--start")}
    if wanted.end is not None:
        backfill["end"] = _instant(wanted.end, "--end")
    backfill["inputs"] = dict(_pair(text, "-i") for text in wanted.inputs)
    backfill["labels"] = [
        {"key": key, "value": value} for key, value in (_pair(text, "--label") for text in wanted.labels)
    ]
    body = json_body({**_key(name), "backfill": backfill})
    state = _asked(name, lambda: api_of(target).ask("PUT", "/triggers/backfill/create", body=body))
    if form != "table":
        say_value(state, form)
        return
    begun = state.get("backfill")
    span = f" from {date(begun['start'])} to {date(begun['end'])}" if begun else " done"
    say((str(name), "bold"), " ", ("backfill", "cyan"), span)


def change(target: Target, triggers: Sequence[str], kind: str, form: Form) -> None:
    """A wrong name changes nothing."""
    names = [parse_trigger(text) for text in triggers]
    api = api_of(target)
    method, path = CHANGES[kind]
    states = []
    for name in names:
        states.append(_asked(name, _changing(api, method, f"/triggers/backfill/{path}", name)))
        if form == "table":
            say((str(name), "bold"), " backfill ", _DONE[kind])
    if form != "table":
        say_value(states, form)


def list_all(target: Target, wanted: Filter, most: int, form: Form) -> None:
    query = [("namespace", wanted.namespace)] if wanted.namespace else []
    query += [("flowId", wanted.flow)] if wanted.flow else []
    states = [item["triggerContext"] for item in api_of(target).pages("/triggers/search", query, most)]
    found = [state for state in states if state.get("backfill")]
    if form != "table":
        say_value(found, form)
    elif not found:
        err.print("There are no backfills.")
    else:
        say_table(("TRIGGER", "START", "END", "NEXT", "DONE", "STATE"), [_row(state) for state in found])


def _changing(api: Api, method: str, path: str, name: Name) -> Callable[[], Any]:
    return lambda: api.ask(method, path, body=json_body(_key(name)))


def _asked(name: Name, ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except Refusal as refusal:
        raise unknown_trigger(refusal, name) from refusal


def _key(name: Name) -> dict[str, str]:
    return {"namespace": name.namespace, "flowId": name.flow_id, "triggerId": name.trigger_id}


def _instant(text: str, option: str) -> str:
    """With an offset. A date, or a time without an offset, is one of this machine's zone."""
    try:
        return datetime.fromisoformat(text).astimezone().isoformat()
    except (ValueError, OverflowError) as error:
        raise CommandError(
            f"{option} {text}: this is not an instant.", "Write 2026-01-31, or 2026-01-31T09:00:00Z.", MISUSED
        ) from error


def _pair(text: str, option: str) -> tuple[str, str]:
    key, found, value = text.partition("=")
    if not found or not key:
        raise CommandError(f"{option} {text}: there is no `=`.", f"Write {option} key=value.", MISUSED)
    return key, value


def _row(state: dict[str, Any]) -> tuple[str | tuple[str, str], ...]:
    backfill = state["backfill"]
    name = Name(state["namespace"], state["flowId"], state["triggerId"])
    return (
        str(name),
        date(backfill["start"]),
        date(backfill["end"]),
        date(backfill.get("currentDate")),
        f"{_done(backfill)} %",
        ("paused", "yellow") if backfill["paused"] else ("runs", "cyan"),
    )


def _done(backfill: dict[str, Any]) -> int:
    """How much of the range lies behind it."""
    start, end = (datetime.fromisoformat(backfill[key]) for key in ("start", "end"))
    now = datetime.fromisoformat(backfill.get("currentDate") or backfill["end"])
    return round(100 * ((now - start) / (end - start))) if end > start else 0
