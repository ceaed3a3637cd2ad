"""Server-sent events: reads them, stores them, and joins what a jq program finds in them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from typing import Any

from toccata.plugin import (
    HttpAnswer,
    NotJson,
    Outputs,
    RunContext,
    TaskFailed,
    lines,
    read_json,
    stored,
    write_json,
)
from toccata.plugins.families.core import http as declared
from toccata.plugins.families.core.run.http import sent

MOST_EVENTS = 10_000
"""What the output `events` holds. More stand in the file alone."""
_JQ = "{{ event | jq(program) }}"


async def run(task: declared.SseRequest, run: RunContext) -> Outputs:
    taken = _Taken(task, run)
    request = await sent(task, run)
    async with run.http(task.sending()) as http, http.send(request) as answer:
        uri = await stored(run, taken.stored(answer), ".ion")
    run.metric("counter", "size", taken.size)
    return {"uri": uri, "size": taken.size, "events": taken.events, "result": taken.result}


class _Taken:
    """What has come so far."""

    def __init__(self, task: declared.SseRequest, run: RunContext) -> None:
        self._task, self._run = task, run
        self._program = task.concat_jq_expression
        self.size = 0
        self.events: list[dict[str, Any]] | None = None if self._program else []
        self._found: list[str] = []

    @property
    def result(self) -> str | None:
        return "".join(self._found) if self._program else None

    async def stored(self, answer: HttpAnswer) -> AsyncIterator[bytes]:
        async for event in events_of(answer.chunks()):
            self.size += 1
            if self._program:
                self._found.extend(self._texts(event, self._program))
            elif self.events is not None and len(self.events) < MOST_EVENTS:
                self.events.append(event)
            elif self.events is not None:
                self.events = None
                self._run.log("WARN", f"more than {MOST_EVENTS:,} events: they stand in the file alone")
            yield write_json(event) + b"\n"

    def _texts(self, event: Mapping[str, Any], program: str) -> Iterator[str]:
        results = read_json(self._run.render(_JQ, {"event": event, "program": program}))
        values = [each for each in results if each is not None]
        if not values and self._task.failed_on_missing_jq:
            raise TaskFailed(
                f"`{program}` finds nothing in event {self.size}: {write_json(event).decode()[:500]}"
            )
        for value in values:
            if isinstance(value, dict | list):
                raise TaskFailed(
                    f"`{program}` finds no text or number in event {self.size}, but {value!r:.200}"
                )
            yield value if isinstance(value, str) else write_json(value).decode()


async def events_of(chunks: AsyncIterator[bytes]) -> AsyncIterator[dict[str, Any]]:
    """As the standard of server-sent events says; also comments are kept."""
    fields: dict[str, Any] = {}
    async for raw in lines(chunks):
        line = raw.rstrip(b"\r").decode("utf-8", "replace").removeprefix("\ufeff")
        if not line:
            if fields:
                yield _event(fields)
            fields = {}
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        name = name or "comment"
        if name in {"data", "comment"} and name in fields:
            fields[name] += "\n" + value
        elif name in {"data", "comment", "event", "id"}:
            fields[name] = value
        elif name == "retry" and value.isdecimal():
            fields[name] = int(value)
    if fields:
        yield _event(fields)


def _event(fields: Mapping[str, Any]) -> dict[str, Any]:
    event = dict(fields)
    with suppress(NotJson, KeyError):
        event["data"] = read_json(event["data"])
    return event
