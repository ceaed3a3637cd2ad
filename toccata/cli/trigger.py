"""``toccata trigger``: lists the triggers of the running system, and enables, disables, unlocks and resets them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from toccata.cli.api import Refusal, api_of, json_body, segment
from toccata.cli.errors import MISUSED, CommandError
from toccata.cli.option import Form
from toccata.cli.output import date, err, say, say_table, say_value
from toccata.cli.target.value import Target

_ADVICE = "`toccata trigger list` shows those there are."


@dataclass(frozen=True, slots=True)
class Filter:
    namespace: str | None
    flow: str | None


@dataclass(frozen=True, slots=True)
class Name:
    namespace: str
    flow_id: str
    trigger_id: str

    def __str__(self) -> str:
        return f"{self.namespace}.{self.flow_id}.{self.trigger_id}"


def parse_trigger(text: str) -> Name:
    """``namespace.flow.trigger`` or, for ids with dots, ``namespace/flow/trigger``. Raises CommandError."""
    parts = text.split("/") if "/" in text else text.rsplit(".", 2)
    if len(parts) != 3 or not all(parts):
        raise CommandError(
            f"`{text}` is not the name of a trigger.",
            "Write namespace.flow.trigger, or namespace/flow/trigger.",
            MISUSED,
        )
    return Name(*parts)


def list_all(target: Target, wanted: Filter, most: int, form: Form) -> None:
    query = [("namespace", wanted.namespace)] if wanted.namespace else []
    query += [("flowId", wanted.flow)] if wanted.flow else []
    found = list(api_of(target).pages("/triggers/search", query, most))
    if form != "table":
        say_value(found, form)
    elif not found:
        err.print("There are no triggers.")
    else:
        say_table(("TRIGGER", "TYPE", "NEXT", "LAST", "STATE"), [_row(each) for each in found])


def switch(target: Target, triggers: Sequence[str], form: Form, *, disabled: bool) -> None:
    """A wrong name changes nothing."""
    names = [parse_trigger(text) for text in triggers]
    api = api_of(target)
    states = []
    for name in names:
        body = {"namespace": name.namespace, "flowId": name.flow_id, "triggerId": name.trigger_id}
        try:
            states.append(api.ask("PUT", "/triggers", body=json_body({**body, "disabled": disabled})))
        except Refusal as refusal:
            raise unknown_trigger(refusal, name) from refusal
        if form == "table":
            say((str(name), "bold"), " ", ("disabled", "yellow") if disabled else ("enabled", "green"))
    if form != "table":
        say_value(states, form)


def reset(target: Target, triggers: Sequence[str], form: Form) -> None:
    names = [parse_trigger(text) for text in triggers]
    api = api_of(target)
    for name in names:
        path = "/".join(segment(part) for part in (name.namespace, name.flow_id, name.trigger_id))
        try:
            api.ask("DELETE", f"/triggers/{path}")
        except Refusal as refusal:
            raise unknown_trigger(refusal, name) from refusal
        if form == "table":
            say((str(name), "bold"), " ", ("reset", "green"))
    if form != "table":
        say_value([str(name) for name in names], form)


def unlock(target: Target, triggers: Sequence[str], form: Form) -> None:
    names = [parse_trigger(text) for text in triggers]
    api = api_of(target)
    states = []
    for name in names:
        path = "/".join(segment(part) for part in (name.namespace, name.flow_id, name.trigger_id))
        try:
            states.append(api.ask("POST", f"/triggers/{path}/unlock"))
        except Refusal as refusal:
            raise unknown_trigger(refusal, name) from refusal
        if form == "table":
            say((str(name), "bold"), " ", ("unlocked", "green"))
    if form != "table":
        say_value(states, form)


def unknown_trigger(refusal: Refusal, name: Name) -> CommandError:
    return refusal if refusal.status != 404 else CommandError(f"There is no trigger {name}.", _ADVICE)


def _row(item: dict[str, Any]) -> tuple[str | tuple[str, str], ...]:
    definition, current = item["abstractTrigger"], item["triggerContext"]
    name = Name(current["namespace"], current["flowId"], current["triggerId"])
    return (
        str(name),
        definition.get("type", "").rpartition(".")[2],
        date(current.get("nextExecutionDate")),
        date(current.get("date")),
        _word(current),
    )


def _word(current: dict[str, Any]) -> tuple[str, str]:
    if current.get("disabled"):
        return "disabled", "yellow"
    if current.get("backfill"):
        return ("backfill paused", "yellow") if current["backfill"]["paused"] else ("backfill", "cyan")
    if current.get("executionId"):
        return f"waits for {current['executionId']}", "cyan"
    return "enabled", "green"
