"""Every recorded call is either replayed in order against a running system, or listed as out of scope with a reason."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.conformance.golden import (
    IGNORED,
    IGNORED_ENDINGS,
    OTHER_STATUS,
    OUT_OF_SCOPE,
    Call,
    differences,
    recorded_calls,
)
from tests.support.conformance import conformance_dir
from tests.support.system import System

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(300)]

CALLS = recorded_calls(conformance_dir() / "golden-api")
_SETTLE_SECONDS = 20
_UNKNOWN_EXECUTION = frozenset({"kill_404"})
"""The recorded execution was deleted before; ours was not, so it is asked for under a name that nobody has."""
_AWAITED: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "kill_running": (
        "execute_slow",
        lambda page: "workerId" in page["taskRunList"][0].get("attempts", [{}])[0],
    ),
    "kill_by_ids_invalid": ("execute_failing_wait", lambda page: page["state"]["current"] == "FAILED"),
}
"""Executions that had time to go on before a call was recorded: what they must show first."""


def test_every_recorded_call_is_in_scope_or_listed():
    names = {call.name for call in CALLS}
    assert set(OUT_OF_SCOPE) <= names
    assert set(OTHER_STATUS) | set(IGNORED) <= names - set(OUT_OF_SCOPE)
    assert len(names - set(OUT_OF_SCOPE)) > 90


async def test_recorded_calls_are_answered_alike(own_system: System):
    problems = await asyncio.to_thread(_play_all, own_system)
    assert not problems, "\n".join(problems)


def _play_all(system: System) -> list[str]:
    replay = Replay(system)
    with httpx.Client(base_url=system.url, timeout=60) as client:
        return [
            f"{call.name}: {problem}"
            for call in CALLS
            if call.name not in OUT_OF_SCOPE
            for problem in replay.play(client, call)
        ]


class Replay:
    """Plays calls; ids of executions that were recorded become those that ours has given."""

    def __init__(self, system: System) -> None:
        self._auth = system.auth
        self._ids: dict[str, str] = {}
        self._created: dict[str, str] = {}

    def play(self, client: httpx.Client, call: Call) -> list[str]:
        """What is wrong. Reads are repeated within bounds until nothing is: there, somebody had waited."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        if call.name in _AWAITED:
            self._await(client, *_AWAITED[call.name], deadline)
        while True:
            response = self._send(client, call)
            problems = self._problems(call, response)
            if call.method != "GET" or not problems or time.monotonic() > deadline:
                return problems
            time.sleep(0.1)

    def _problems(self, call: Call, response: httpx.Response) -> list[str]:
        expected_status = OTHER_STATUS[call.name][0] if call.name in OTHER_STATUS else call.status
        if response.status_code != expected_status:
            return [f"status {response.status_code} instead of {expected_status}: {response.text[:300]}"]
        if call.status in {202, 204} or call.text == "":
            return []
        if call.text is not None:
            return self._compare_text(call, response)
        if isinstance(call.response, dict) and "$base64" in call.response:
            return [] if response.content[:2] == b"PK" else ["not a zip archive"]
        body = response.json()
        self._learn(call, body)
        found = [(path, what) for path, what in differences(call.response, body) if not _ignored(call, path)]
        return [f"{path or '(all)'}: {what}" for path, what in found] + _other_state(call, body)

    def _await(
        self, client: httpx.Client, recorded: str, done: Callable[[Any], bool], deadline: float
    ) -> None:
        """Until the execution that was created by call ``recorded`` has come that far."""
        path = f"/api/v1/main/executions/{self._created[recorded]}"
        while not done(client.get(path, auth=self._auth).json()):
            assert time.monotonic() < deadline, f"the execution of {recorded} did not come as far as recorded"
            time.sleep(0.1)

    def _send(self, client: httpx.Client, call: Call) -> httpx.Response:
        request = call.request
        auth: Any = self._auth if request.get("auth") else None
        if call.name == "unauthorized_bad_password":
            auth = (self._auth[0], "wrong")
        content, files, headers = None, None, {}
        if "multipart" in request:
            # Parts without a file name are plain fields; files among the inputs are left out (out of scope).
            upload = "/import" in call.path
            files = [
                _part(part)
                for part in request["multipart"]
                if upload or ("filename" not in part and part["name"] != "doc")
            ]
        elif "json" in request:
            content = json.dumps(self._mapped(request["json"], call))
            headers["Content-Type"] = "application/json"
        elif "text" in request:
            content = request["text"]
            headers["Content-Type"] = request["content_type"]
        path = self._mapped(call.path, call)
        if path.endswith("/follow"):
            return self._first_of_stream(client, path, auth)
        return client.request(
            call.method,
            path,
            auth=auth,
            files=files,
            content=content,
            headers=headers,
            follow_redirects=False,
        )

    def _first_of_stream(self, client: httpx.Client, path: str, auth: Any) -> httpx.Response:
        """Streams of logs never end: two messages are enough."""
        with client.stream("GET", path, auth=auth) as response:
            lines: list[str] = []
            for line in response.iter_lines():
                lines.append(line)
                if lines.count("") >= 2:
                    break
            return httpx.Response(response.status_code, headers=response.headers, text="\n".join(lines))

    def _mapped(self, value: Any, call: Call) -> Any:
        if isinstance(value, list):
            return [self._mapped(item, call) for item in value]
        if isinstance(value, str) and call.name not in _UNKNOWN_EXECUTION:
            for recorded, ours in self._ids.items():
                value = value.replace(recorded, ours)
        return value

    def _learn(self, call: Call, body: Any) -> None:
        """Ids of the execution and of its task runs, by the tasks' names."""
        if not isinstance(call.response, dict) or "flowId" not in call.response or "id" not in body:
            return
        self._ids[call.response["id"]] = body["id"]
        self._created[call.name] = body["id"]
        ours = {run["taskId"]: run["id"] for run in body.get("taskRunList", [])}
        for run in call.response.get("taskRunList") or []:
            if run["taskId"] in ours:
                self._ids[run["id"]] = ours[run["taskId"]]

    def _compare_text(self, call: Call, response: httpx.Response) -> list[str]:
        assert call.text is not None
        if "/follow" in call.path:
            problems = []
            for expected, actual in zip(_messages(call.text)[:2], _messages(response.text)[:2], strict=True):
                if expected[0] != actual[0]:
                    problems.append(f"message {actual[0]} instead of {expected[0]}")
                if expected[0] != "start":
                    found = differences(expected[1], actual[1])
                    problems += [f"{p}: {what}" for p, what in found if not _ignored(call, p)]
            return problems
        if call.name.endswith("_download"):
            expected_words = [line.split()[1:] for line in call.text.splitlines()]
            actual_words = [line.split()[1:] for line in response.text.splitlines()]
            return [] if expected_words == actual_words else [f"lines differ: {response.text}"]
        return [] if response.text == call.text else [f"text {response.text!r}"]


def _ignored(call: Call, path: str) -> bool:
    return path in IGNORED.get(call.name, {}) or path.endswith(tuple(IGNORED_ENDINGS))


def _other_state(call: Call, body: Any) -> list[str]:
    """One execution that is read has come as far as the recorded one."""
    if call.method != "GET" or not isinstance(call.response, dict) or "flowRevision" not in call.response:
        return []
    expected, actual = (page["state"]["current"] for page in (call.response, body))
    return [] if actual == expected or "webhook" in call.path else [f"state {actual} instead of {expected}"]


def _part(part: dict[str, Any]) -> tuple[str, Any]:
    if "filename" not in part:
        return part["name"], (None, part["value"])
    content = base64.b64decode(part["base64"]) if "base64" in part else part["text"]
    return part["name"], (part["filename"], content, part["content_type"])


def _messages(text: str) -> list[tuple[str, Any]]:
    messages = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        messages.append((fields["id"], json.loads(fields["data"])))
    return messages
