"""Finds the triggers that wait for an event, so that a person learns when a published event starts nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from toccata.cli.api import api_of
from toccata.cli.errors import CommandError
from toccata.cli.output import err, say
from toccata.cli.target.value import Target

_EVENT_TRIGGER = "io.toccata.plugin.core.trigger.Event"
_MOST = 10_000
_HOW = "`toccata trigger list` shows the triggers there are."


def say_listeners(target: Target, kind: str, source: str, subject: str, topic: str) -> None:
    """Write a note to standard error. It is no failure if web is away or unknown."""
    try:
        items = list(api_of(target).pages("/triggers/search", [("type", _EVENT_TRIGGER)], _MOST))
    except CommandError as error:
        err.print(f"Which triggers wait for it cannot be told: {error.message} {_HOW}", style="dim")
        return
    waiting = [item for item in items if listens(item["abstractTrigger"], kind, source, subject, topic)]
    names = sorted(_name(item["triggerContext"]) for item in waiting if not _is_off(item))
    if names:
        shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        say(f"{len(names)} trigger{'s wait' if len(names) > 1 else ' waits'} for such an event: {shown}")
    elif waiting:
        off = ", ".join(sorted(_name(item["triggerContext"]) for item in waiting))
        err.print(f"Nothing starts: what waits for such an event is disabled ({off}).", style="yellow")
    else:
        err.print(
            f"Nothing starts: no trigger waits for an event of type {kind} from {source} on topic {topic}. {_HOW}",
            style="yellow",
        )


def listens(trigger: Mapping[str, Any], kind: str, source: str, subject: str, topic: str) -> bool:
    """Compare everything except ``when``, which the trigger-listener decides."""
    if trigger.get("type") != _EVENT_TRIGGER or (trigger.get("topic") or "events") != topic:
        return False
    pairs: Iterable[tuple[Any, str]] = (
        (trigger.get("eventType"), kind),
        (trigger.get("source"), source),
        (trigger.get("subject"), subject),
    )
    return all(pattern is None or pattern == text or fnmatchcase(text, pattern) for pattern, text in pairs)


def _is_off(item: Mapping[str, Any]) -> bool:
    return bool(item["triggerContext"].get("disabled") or item["abstractTrigger"].get("disabled"))


def _name(place: Mapping[str, Any]) -> str:
    return f"{place['namespace']}.{place['flowId']}.{place['triggerId']}"
