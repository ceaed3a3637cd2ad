"""What happens in an execution, line by line as it happens: states of the execution and its task runs, and log lines.

Two streams of the API are read at once, each by a thread that puts what comes into one queue. A lost connection is opened
again; everything is printed once, because states are numbered by their history and log lines are counted.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from typing import Any

from contracts.states import ENDED, ENDED_WELL
from toccata.cli.api import Api, Refusal, ServerAway, segment
from toccata.cli.errors import CommandError
from toccata.cli.output import LEVEL_STYLES, clock, out, say, seconds, state

_AWAY_SECONDS = 60.0
_PAUSE_SECONDS = 0.5
_MOMENT_SECONDS = 0.2
_PREPARING = frozenset({"CREATED", "SUBMITTED"})
Entry = tuple[str, Any]
LineKey = tuple[Any, ...]


def say_log(entry: dict[str, Any]) -> None:
    task = entry.get("taskId") or entry.get("triggerId") or ""
    level = entry["level"]
    for line in str(entry["message"]).splitlines() or [""]:
        say(
            (clock(entry["timestamp"]), "dim"),
            f"  {task:<20} ",
            (f"{level:<5}", LEVEL_STYLES.get(level, "")),
            f" {line}",
        )


def follow_logs(api: Api, execution: str, level: str | None) -> None:
    """Until the execution has ended and its lines are printed, or the person has seen enough."""
    Progress(api, execution, level, states=False).show()


@dataclass(frozen=True, slots=True)
class News:
    """A state that something entered, or a log line."""

    at: str
    name: str
    word: str
    line: dict[str, Any] | None = None


class Progress:
    def __init__(self, api: Api, execution: str, level: str | None = None, *, states: bool = True) -> None:
        self._api = api
        self._id = execution
        self._level = level
        self._states = states
        self._queue: Queue[Entry] = Queue()
        self._ended = threading.Event()
        self._shown: dict[str, int] = {}
        self._printed: Counter[LineKey] = Counter()

    def show(self) -> str:
        """Print until the end; gives the final state. Raises CommandError when the server stays away."""
        execution = segment(self._id)
        level = f"?minLevel={segment(self._level)}" if self._level else ""
        self._spawn("states", f"/executions/{execution}/follow")
        self._spawn("log", f"/logs/{execution}/follow{level}")
        with out.status("waiting for the first task") as status:
            last = self._print_until_end(status.update)
        self._ended.set()
        self._print_rest()
        final: str = last["state"]["current"]
        if self._states:
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
            last: dict[str, Any] | None = None
            news: list[News] = []
            for kind, data in self._arrived():
                if kind == "failure":
                    raise data
                if kind == "log":
                    news += self._new_lines(*data)
                    continue
                news += self._new_states(data)
                tell(_doing(data))
                last = data if kind == "end" else last
            _print(news)
            if last is not None:
                return last

    def _arrived(self) -> list[Entry]:
        """What comes within a moment: the two streams are not in step, and people read in the order of time."""
        found = [self._queue.get()]
        until = time.monotonic() + _MOMENT_SECONDS
        while found[-1][0] not in {"end", "failure"} and (left := until - time.monotonic()) > 0:
            with suppress(Empty):
                found.append(self._queue.get(timeout=left))
        return found

    def _spawn(self, kind: str, path: str) -> None:
        threading.Thread(target=self._read, args=(kind, path), name=f"follow {kind}", daemon=True).start()

    def _read(self, kind: str, path: str) -> None:
        """Runs in a thread: into the queue, over lost connections, until the execution has ended."""
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
        """What is new in the histories; the last state of all is printed after the last line."""
        news = self._since(page["id"], "execution", page["state"])
        if news and page["state"]["current"] in ENDED:
            news.pop()
        for run in page.get("taskRunList", []):
            name = run["taskId"] + (f"[{run['value']}]" if "value" in run else "")
            # That it waits for a worker is of interest while it does.
            run_news = self._since(run["id"], name, run["state"])
            news += [
                each
                for each in run_news
                if each.word not in _PREPARING or (each.word == "SUBMITTED" and each is run_news[-1])
            ]
        return news if self._states else []

    def _since(self, key: str, name: str, states: dict[str, Any]) -> list[News]:
        histories = states["histories"]
        seen, self._shown[key] = self._shown.get(key, 0), len(histories)
        return [News(place["date"], name, place["state"]) for place in histories[seen:]]

    def _new_lines(self, entry: dict[str, Any], counted: Counter[LineKey]) -> list[News]:
        """``counted``: what this connection has given. Each begins with all lines, so only more than before is news."""
        key = _line_key(entry)
        counted[key] += 1
        if counted[key] <= self._printed[key]:
            return []
        self._printed[key] = counted[key]
        return [News(entry["timestamp"], "", "", entry)]

    def _print_rest(self) -> None:
        """The stream of logs has no end, so what is missing is asked for: all is projected once an execution has ended."""
        counted: Counter[LineKey] = Counter()
        query = [("minLevel", self._level)] if self._level else []
        for entry in self._api.get(f"/logs/{segment(self._id)}", query):
            _print(self._new_lines(entry, counted))


def _print(news: list[News]) -> None:
    for each in sorted(news, key=lambda each: each.at):
        if each.line is not None:
            say_log(each.line)
        else:
            say((clock(each.at), "dim"), f"  {each.name:<20} ", state(each.word))


def ended_well(final: str) -> bool:
    return final in ENDED_WELL


def _line_key(entry: dict[str, Any]) -> LineKey:
    return tuple(entry.get(name) for name in ("taskRunId", "attemptNumber", "timestamp", "level", "message"))


def _doing(page: dict[str, Any]) -> str:
    running = [run["taskId"] for run in page.get("taskRunList", []) if run["state"]["current"] not in ENDED]
    names = list(dict.fromkeys(running))
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"{page['state']['current'].lower()} {shown}"
