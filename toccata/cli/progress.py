"""Prints the progress of an execution line by line: its states, those of its task runs, and log lines.

Two threads read two streams of the API into one queue, and reconnect after a lost connection. Everything is printed once,
because states are numbered by their history and log lines are counted. The streams are not in step, so each item waits a
moment, and items are printed in the order in which they happened.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, Queue
from typing import Any

from contracts.states import ENDED, ENDED_WELL
from toccata.cli.api import Api, Refusal, ServerAway, segment
from toccata.cli.errors import CommandError
from toccata.cli.execution.read import run_name
from toccata.cli.log import lines_of, say_log
from toccata.cli.option import Form
from toccata.cli.order import News, Waiting
from toccata.cli.output import clock, out, say, say_item, seconds, state

_AWAY_SECONDS = 60.0
_PAUSE_SECONDS = 0.5
_MOMENT_SECONDS = 0.4
"""How long an item waits for earlier ones that come later."""
_PREPARING = frozenset({"CREATED", "SUBMITTED"})
Entry = tuple[str, Any]
LineKey = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """The options of the output."""

    states: bool = True
    form: Form = "table"


class Progress:
    def __init__(
        self, api: Api, execution: str, level: str | None = None, shown: Shown | None = None
    ) -> None:
        self._api = api
        self._id = execution
        self._level = level
        self._how = shown or Shown()
        self._queue: Queue[Entry] = Queue()
        self._ended = threading.Event()
        self._shown: dict[str, int] = {}
        self._printed: Counter[LineKey] = Counter()
        self._names: dict[str, str] = {}
        self._waiting = Waiting(_MOMENT_SECONDS)

    def show(self) -> str:
        """Print until the end, and give the final state. Raises CommandError if the server stays away."""
        execution = segment(self._id)
        level = f"?minLevel={segment(self._level)}" if self._level else ""
        self._spawn("states", f"/executions/{execution}/follow")
        self._spawn("log", f"/logs/{execution}/follow{level}")
        with out.status("waiting for the first task") as status:
            last = self._print_until_end(status.update)
        self._ended.set()
        self._print_rest()
        final: str = last["state"]["current"]
        if self._how.states:
            duration = seconds(last["state"].get("duration"))
            say(
                (clock(last["state"].get("endDate")), "dim"),
                "  execution            ",
                state(final),
                f" after {duration}",
            )
        return final

    def _print_until_end(self, tell: Callable[[str], None]) -> dict[str, Any]:
        while True:
            entry = self._next()
            if entry is not None:
                kind, data = entry
                if kind == "failure":
                    raise data
                if kind == "log":
                    self._waiting.put(self._new_lines(*data), time.monotonic())
                    continue
                self._waiting.put(self._new_states(data), time.monotonic())
                tell(_doing(data))
                if kind == "end":
                    last: dict[str, Any] = data
                    return last
            self._print(self._waiting.due(time.monotonic()))

    def _next(self) -> Entry | None:
        """The next item, or None when it is time to print waiting ones."""
        left = self._waiting.seconds_left(time.monotonic())
        if left is not None and left <= 0:
            return None
        try:
            return self._queue.get(timeout=left)
        except Empty:
            return None

    def _spawn(self, kind: str, path: str) -> None:
        threading.Thread(target=self._read, args=(kind, path), name=f"follow {kind}", daemon=True).start()

    def _read(self, kind: str, path: str) -> None:
        """Runs in a thread. Reads into the queue until the execution has ended, and reconnects when needed."""
        heard = time.monotonic()
        while not self._ended.is_set():
            counted: Counter[LineKey] = Counter()
            try:
                for name, data in self._api.events(path):
                    heard = time.monotonic()
                    if name in {"progress", "end"}:
                        self._queue.put(("log", (data, counted)) if kind == "log" else (name, data))
                    if name == "end":
                        return
            except CommandError as error:
                passing = isinstance(error, ServerAway) or (
                    isinstance(error, Refusal) and error.status >= 500
                )
                if not passing or time.monotonic() - heard > _AWAY_SECONDS:
                    self._queue.put(("failure", error))
                    return
            self._ended.wait(_PAUSE_SECONDS)

    def _new_states(self, page: dict[str, Any]) -> list[News]:
        """The new states. The execution's last state is printed after the last line."""
        news = self._since(page["id"], "execution", page["state"])
        if news and page["state"]["current"] in ENDED:
            news.pop()
        for run in page.get("taskRunList", []):
            name = self._names[run["id"]] = run_name(run)
            # A state of waiting for a worker matters only while it lasts.
            run_news = self._since(run["id"], name, run["state"])
            news += [
                each
                for each in run_news
                if each.word not in _PREPARING or (each.word == "SUBMITTED" and each is run_news[-1])
            ]
        return news if self._how.states else []

    def _since(self, key: str, name: str, states: dict[str, Any]) -> list[News]:
        histories = states["histories"]
        seen, self._shown[key] = self._shown.get(key, 0), len(histories)
        return [News(place["date"], name, place["state"]) for place in histories[seen:]]

    def _new_lines(self, entry: dict[str, Any], counted: Counter[LineKey]) -> list[News]:
        """``counted`` counts the lines of this connection. Each connection begins with all lines, so only additional ones are new."""
        key = _line_key(entry)
        counted[key] += 1
        if counted[key] <= self._printed[key]:
            return []
        self._printed[key] = counted[key]
        return [News(entry["timestamp"], "", "", entry)]

    def _print_rest(self) -> None:
        """Ask for the missing lines, because the stream of logs has no end. After the end of an execution all are projected."""
        counted: Counter[LineKey] = Counter()
        for entry in lines_of(self._api, self._id, self._level):
            self._waiting.put(self._new_lines(entry, counted), time.monotonic())
        self._print(self._waiting.all())

    def _print(self, news: list[News]) -> None:
        for each in news:
            if each.line is None:
                say((clock(each.at), "dim"), f"  {each.name:<20} ", state(each.word))
            elif self._how.form == "table":
                say_log(each.line, self._names.get(each.line.get("taskRunId", "")))
            else:
                say_item(each.line, self._how.form)


def ended_well(final: str) -> bool:
    return final in ENDED_WELL


def _line_key(entry: dict[str, Any]) -> LineKey:
    return tuple(entry.get(name) for name in ("taskRunId", "attemptNumber", "timestamp", "level", "message"))


def _doing(page: dict[str, Any]) -> str:
    running = [run["taskId"] for run in page.get("taskRunList", []) if run["state"]["current"] not in ENDED]
    names = list(dict.fromkeys(running))
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"{page['state']['current'].lower()} {shown}"
