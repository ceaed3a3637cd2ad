"""MQTT's tasks on the worker's own runner, with Mosquitto."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from contracts.execution import AttemptEnded
from tests.support.attempt import Bench
from tests.support.example import example
from tests.support.outcome import good, why
from toccata.plugin import TaskType, read_row
from toccata.plugins.families.mqtt.types import PUBLISH, SUBSCRIBE
from toccata.standalone.port import free_port

PROGRAM = which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="mosquitto is not installed")
SECRETS = {"SECRET_MQTT": b64encode(b"hidden-word").decode()}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, port, guarded = tmp_path_factory.mktemp("mosquitto"), free_port(), free_port()
    (folder / "users").write_text("")
    (folder / "users").chmod(0o600)
    subprocess.run(["mosquitto_passwd", "-b", folder / "users", "bot", "hidden-word"], check=True)
    (folder / "conf").write_text(
        f"per_listener_settings true\nlistener {port} 127.0.0.1\nallow_anonymous true\n"
        f"listener {guarded} 127.0.0.1\npassword_file {folder / 'users'}\n"
        f"user {'root' if Path('/root').stat().st_uid == 0 else ''}\n"
    )
    assert PROGRAM is not None
    with subprocess.Popen([PROGRAM, "-c", folder / "conf"], stderr=subprocess.DEVNULL) as process:
        for each in (port, guarded):
            _listening(each)
        yield f"tcp://127.0.0.1:{port} tcp://127.0.0.1:{guarded}"
        process.terminate()


def _listening(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline
        else:
            return


class Broker:
    def __init__(self, folder: Path, servers: str) -> None:
        self.bench = Bench(folder, SECRETS)
        self.server, self.guarded = servers.split()

    async def run(self, task: TaskType, **written: Any) -> AttemptEnded:
        own = {"server": self.server, "clientId": f"t{time.monotonic_ns()}"}
        return await self.bench.run(task, {**own, **written})

    async def why(self, task: TaskType, **written: Any) -> str:
        return await why(self.bench, task, {"server": self.server, "clientId": "t", **written})

    async def rows(self, found: dict[str, Any]) -> list[dict[str, Any]]:
        lines = (await self.bench.storage.get(found["uri"])).splitlines()
        return [read_row(line, "row") for line in lines]


@pytest.fixture
def broker(tmp_path: Path, server: str) -> Broker:
    return Broker(tmp_path, server)


@pytest.mark.parametrize("version", ["V3", "V5"])
async def test_what_is_kept_comes_to_who_comes_later(broker: Broker, version: str) -> None:
    sent = {**example(PUBLISH), "topic": f"kept/{version}", "mqttVersion": version}
    assert good(await broker.run(PUBLISH, **{**sent, "server": broker.server})) == {"messagesCount": 1}
    got = good(
        await broker.run(
            SUBSCRIBE, topic=f"kept/{version}", maxRecords=1, maxDuration="PT1M", mqttVersion=version
        )
    )
    [row] = await broker.rows(got)
    assert (row["topic"], row["payload"], row["retain"]) == (
        f"kept/{version}",
        {"kind": "load", "value": 1.25},
        True,
    )


@pytest.mark.parametrize(("form", "payload"), [("STRING", "a text"), ("JSON", {"a": [1]}), ("BYTES", "AAEC")])
async def test_payloads_keep_their_form(broker: Broker, form: str, payload: Any) -> None:
    topic = f"form/{form}"
    good(await broker.run(PUBLISH, topic=topic, retain=True, serdeType=form, **{"from": payload}))
    got = good(await broker.run(SUBSCRIBE, topic=[topic], serdeType=form, maxRecords=1, maxDuration="PT1M"))
    assert [row["payload"] for row in await broker.rows(got)] == [payload]


async def test_many_messages_reach_who_waits(broker: Broker) -> None:
    waiting = asyncio.create_task(
        broker.run(SUBSCRIBE, topic="many/#", maxRecords=50, maxDuration="PT1M", qos=2)
    )
    # A kept message says that the subscription stands: it is the first to come.
    details = {"responseTopic": "answers", "correlationData": "7"}
    good(await broker.run(PUBLISH, topic="many/first", retain=True, serdeType="JSON", **{"from": {"n": 0}}))
    while not waiting.done():
        good(
            await broker.run(
                PUBLISH,
                topic="many/x",
                serdeType="JSON",
                qos=2,
                **{"from": [{"n": n} for n in range(1, 30)]},
                **details,
            )
        )
    rows = await broker.rows(good(await waiting))
    assert len(rows) == 50
    assert {row.get("responseTopic") for row in rows} >= {"answers"}
    assert {row.get("correlationData") for row in rows} >= {"7"}


async def test_nothing_comes_and_the_time_ends(broker: Broker) -> None:
    got = good(await broker.run(SUBSCRIBE, topic="quiet", maxDuration="PT0.2S"))
    assert got["messagesCount"] == 0


async def test_a_broker_that_asks_who_comes(broker: Broker) -> None:
    written = {"topic": "safe", "serdeType": "STRING", "from": "x", "server": broker.guarded}
    assert "ot authori" in await broker.why(PUBLISH, **written)
    signed = {"username": "bot", "password": "{{ secret('MQTT') }}"}
    assert good(await broker.run(PUBLISH, **{**written, **signed})) == {"messagesCount": 1}


@pytest.mark.parametrize(
    ("task", "written", "text"),
    [
        (SUBSCRIBE, {"topic": "x"}, "'maxDuration' or 'maxRecords' must be set"),
        (
            PUBLISH,
            {"server": "http://x", "topic": "x", "serdeType": "STRING", "from": "x"},
            "must be as tcp://",
        ),
        (
            PUBLISH,
            {"server": "tcp://127.0.0.1:1", "topic": "x", "serdeType": "STRING", "from": "x"},
            "efused",
        ),
        (PUBLISH, {"topic": "x", "serdeType": "BYTES", "from": "?"}, "is no text in base64"),
        (
            PUBLISH,
            {"topic": "x", "serdeType": "STRING", "from": "x", "mqttVersion": "V3", "responseTopic": "y"},
            "is part of V5",
        ),
        (
            PUBLISH,
            {
                "topic": "x",
                "serdeType": "STRING",
                "from": "x",
                "server": "ssl://127.0.0.1:1",
                "crt": "/nowhere",
            },
            "crt: the certificate cannot be read",
        ),
    ],
)
async def test_failures_say_why(broker: Broker, task: TaskType, written: dict[str, Any], text: str) -> None:
    assert text in await broker.why(task, **written)


async def test_a_payload_that_is_no_json_fails_the_task(broker: Broker) -> None:
    good(await broker.run(PUBLISH, topic="broken", retain=True, serdeType="STRING", **{"from": "not json"}))
    assert "is no JSON" in await broker.why(SUBSCRIBE, topic="broken", maxRecords=1, maxDuration="PT1M")
