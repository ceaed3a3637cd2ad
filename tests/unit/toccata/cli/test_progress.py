import json
import threading

import pytest

from tests.unit.toccata.cli.web_stand_in import answering
from toccata.cli.api import Api, Refusal, basic
from toccata.cli.progress import Progress, Shown


def place(state: str, second: int) -> dict[str, str]:
    return {"state": state, "date": f"2026-03-01T10:00:{second:02}.000Z"}


def states(*places: dict[str, str]) -> dict[str, object]:
    return {"current": places[-1]["state"], "histories": list(places), "startDate": places[0]["date"]}


def line(second: int, message: str) -> dict[str, object]:
    return {
        "taskId": "t",
        "taskRunId": "r",
        "attemptNumber": 0,
        "timestamp": f"2026-03-01T10:00:{second:02}.500Z",
        "level": "INFO",
        "message": message,
    }


RUNNING = {
    "id": "e1",
    "state": states(place("CREATED", 1), place("RUNNING", 1)),
    "taskRunList": [{"id": "r", "taskId": "t", "state": states(place("SUBMITTED", 1), place("RUNNING", 2))}],
}
ENDED = {
    "id": "e1",
    "state": states(place("CREATED", 1), place("RUNNING", 1), place("SUCCESS", 5)),
    "taskRunList": [
        {
            "id": "r",
            "taskId": "t",
            "state": states(place("SUBMITTED", 1), place("RUNNING", 2), place("SUCCESS", 4)),
        }
    ],
}


def frames(*events: tuple[str, object]) -> bytes:
    return b"".join(f"id: {name}\ndata: {json.dumps(data)}\n\n".encode() for name, data in events)


class Web:
    """Loses its first connection of each stream; the second one begins from the start, as web's do."""

    def __init__(self) -> None:
        self.connections = {"executions": 0, "logs": 0}
        self.logs_again = threading.Event()

    def __call__(self, seen) -> tuple[int, bytes]:
        kind, _, follow = seen.path.partition("?")[0].removeprefix("/api/v1/main/").partition("/")
        if not follow.endswith("/follow"):
            return 200, json.dumps([line(2, "one"), line(2, "one"), line(3, "two"), line(4, "late")]).encode()
        self.connections[kind] += 1
        if kind == "logs":
            if self.connections[kind] == 1:
                return 200, frames(("start", {}), ("progress", line(2, "one")), ("progress", line(2, "one")))
            self.logs_again.set()
            given = [("progress", line(2, "one"))] * 2 + [("progress", line(3, "two"))]
            return 200, frames(("start", {}), *given)
        if self.connections[kind] == 1:
            return 200, frames(("start", {}), ("progress", RUNNING))
        assert self.logs_again.wait(10)
        return 200, frames(("start", {}), ("progress", RUNNING), ("end", ENDED))


def shown(capsys) -> list[str]:
    return [" ".join(text.split()[1:]) for text in capsys.readouterr().out.splitlines()]


def test_everything_is_shown_once_over_lost_connections(capsys):
    with answering(Web()) as web:
        final = Progress(Api(web.url, basic("me@here", "Secret-1")), "e1").show()
    assert final == "SUCCESS"
    told = shown(capsys)
    assert told[-1].startswith("execution SUCCESS")
    assert sorted(told[:-1]) == sorted(
        [
            "execution CREATED",
            "execution RUNNING",
            "t RUNNING",
            "t INFO one",
            "t INFO one",
            "t INFO two",
            "t SUCCESS",
            "t INFO late",
        ]
    )
    assert told.index("execution RUNNING") < told.index("t RUNNING") < told.index("t SUCCESS")


def test_only_lines_where_only_lines_are_wanted(capsys):
    with answering(Web()) as web:
        Progress(Api(web.url, basic("me@here", "Secret-1")), "e1", "INFO", Shown(states=False)).show()
    assert sorted(shown(capsys)) == sorted(["t INFO one", "t INFO one", "t INFO two", "t INFO late"])
    assert any("minLevel=INFO" in seen.path for seen in web.seen)


def test_a_refused_stream_ends_it():
    with answering(lambda _: (404, b"{}")) as web, pytest.raises(Refusal):
        Progress(Api(web.url, basic("me@here", "Secret-1")), "e1").show()
