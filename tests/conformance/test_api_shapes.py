"""Our own API calls, in the order of ``data/api``, against a running system. Each answer must have the status, fields and types
of Kestra 2.0. ``shape.py`` explains how a shape is written."""

from __future__ import annotations

import asyncio
import io
import json
import time
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.conformance.shape import differences
from tests.support.declared import check_answer_now
from tests.support.system import System

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(300)]

FOLDER = Path(__file__).parent / "data" / "api"
CALLS: list[dict[str, Any]] = [
    {**call, "name": f"{file.stem}: {call['name']}"}
    for file in sorted(FOLDER.glob("*.yaml"))
    for call in yaml.safe_load(file.read_text())
]
_SETTLE_SECONDS = 20
_EXPECTATIONS = frozenset({"shape", "events", "text", "says", "zip_answer"})


def test_every_call_has_a_name_of_its_own_and_expects_something():
    names = [call["name"] for call in CALLS]
    assert len(set(names)) == len(names) > 100
    silent = {204}
    assert [c["name"] for c in CALLS if c["status"] not in silent and not _EXPECTATIONS & c.keys()] == []


@pytest.mark.parametrize(
    ("shape", "answer", "found"),
    [
        ({"id": "text"}, {"id": "a", "more": 1}, []),
        ({"id": "text"}, {}, ["id: missing"]),
        ({"id": "text"}, {"id": 1}, ["id: expected text, not number"]),
        ({"on": "number"}, {"on": True}, ["on: expected number, not boolean"]),
        ([{"id": "text"}], [], ["(all): expected items, there are none"]),
        (["maybe", {"id": "text"}], [], []),
        (["maybe", {"id": "text"}], [{}], ["[].id: missing"]),
        ([], [1], []),
        ({"a": {"b": "text"}}, {"a": []}, ["a: expected an object, not list"]),
    ],
)
def test_a_difference_of_shapes_is_found(shape: Any, answer: Any, found: list[str]):
    assert differences(shape, answer) == found


async def test_calls_are_answered_in_the_shape_that_clients_expect(own_system: System):
    problems = await asyncio.to_thread(_play_all, own_system)
    assert not problems, "\n".join(problems)


def _play_all(system: System) -> list[str]:
    hooks = {"response": [check_answer_now]}
    with httpx.Client(base_url=system.url, timeout=60, event_hooks=hooks) as client:
        play = Play(client, system.auth)
        return [f"{call['name']}: {problem}" for call in CALLS for problem in play.call(call)]


class Play:
    """Replaces ``{name}`` with the id of the execution that a call had to ``remember``, and ``{name.task}`` with that of a task run."""

    def __init__(self, client: httpx.Client, auth: tuple[str, str]) -> None:
        self._client = client
        self._auth = auth
        self._ids: dict[str, str] = {}

    def call(self, call: dict[str, Any]) -> list[str]:
        """Return what is wrong. Repeat reads within bounds until nothing is wrong, because the system works on meanwhile."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while True:
            response = self._send(call)
            problems = self._problems(call, response)
            if call["method"] != "GET" or not problems or time.monotonic() > deadline:
                return problems
            time.sleep(0.1)

    def _send(self, call: dict[str, Any]) -> httpx.Response:
        auth = {"none": None, "wrong": (self._auth[0], "wrong")}.get(call.get("auth", ""), self._auth)
        path = self._filled(call["path"])
        if "events" in call:
            return self._first_events(path, auth, len(call["events"]))
        body: dict[str, Any] = {}
        if "yaml" in call:
            body = {"content": call["yaml"], "headers": {"Content-Type": "application/x-yaml"}}
        elif "plain" in call:
            body = {"content": self._filled(call["plain"]), "headers": {"Content-Type": "text/plain"}}
        elif "json" in call or "raw" in call:
            content = call.get("raw") or self._filled(json.dumps(call["json"]))
            body = {"content": content, "headers": {"Content-Type": "application/json"}}
        elif "form" in call:
            body = {"files": [(name, (None, value)) for name, value in call["form"].items()]}
        elif "upload" in call:
            body = {"files": [("fileUpload", (name, text)) for name, text in call["upload"].items()]}
        elif "archive" in call:
            body = {"files": [("fileUpload", ("flows.zip", _zip(call["archive"])))]}
        return self._client.request(call["method"], path, auth=auth, follow_redirects=False, **body)

    def _first_events(self, path: str, auth: Any, count: int) -> httpx.Response:
        """Read the first events, because streams of logs never end."""
        with self._client.stream("GET", path, auth=auth) as response:
            lines: list[str] = []
            for line in response.iter_lines():
                lines.append(line)
                if lines.count("") >= count:
                    break
            return httpx.Response(response.status_code, text="\n".join(lines))

    def _problems(self, call: dict[str, Any], response: httpx.Response) -> list[str]:
        if response.status_code != call["status"]:
            return [f"status {response.status_code} instead of {call['status']}: {response.text[:300]}"]
        if "events" in call:
            return _event_problems(call["events"], response.text)
        if "zip_answer" in call:
            return [] if zipfile.is_zipfile(io.BytesIO(response.content)) else ["not a zip archive"]
        if "text" in call:
            return [] if response.text == call["text"] else [f"text {response.text!r}"]
        if "shape" not in call:
            said = call.get("says", "")
            return [] if said in response.text else [f"{said!r} is not in {response.text[:300]!r}"]
        return self._json_problems(call, response.json())

    def _json_problems(self, call: dict[str, Any], body: Any) -> list[str]:
        if "remember" in call:
            self._learn(call["remember"], body)
        found = differences(call["shape"], body)
        if "says" in call and call["says"] != body.get("message"):
            found.append(f"message {body.get('message')!r} instead of {call['says']!r}")
        if "state" in call and body["state"]["current"] != call["state"]:
            found.append(f"state {body['state']['current']} instead of {call['state']}")
        return found

    def _learn(self, name: str, page: Any) -> None:
        self._ids[name] = page["id"]
        for run in page.get("taskRunList") or []:
            self._ids[f"{name}.{run['taskId']}"] = run["id"]

    def _filled(self, text: str) -> str:
        for name, known in self._ids.items():
            text = text.replace("{" + name + "}", known)
        return text


def _event_problems(expected: list[dict[str, Any]], text: str) -> list[str]:
    found = []
    events = [
        dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        for block in text.strip().split("\n\n")
    ]
    for wanted, event in zip(expected, events, strict=True):
        if event["id"] != wanted["id"]:
            found.append(f"event {event['id']} instead of {wanted['id']}")
        elif "shape" in wanted:
            found += differences(wanted["shape"], json.loads(event["data"]))
    return found


def _zip(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()
