"""The whole system as real processes on the test servers, or the one that ``TOCCATA_URL`` names."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from services.runtime.settings import KafkaSettings
from services.runtime.topic_admin import ensure_topics

SERVICES = ("indexer", "executor", "worker", "trigger_listener", "web")
USER, PASSWORD = "tests@toccata.example", "Conformance1"
_START_SECONDS = 60
_STOP_SECONDS = 20
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class System:
    url: str
    auth: tuple[str, str]

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=60)


@contextmanager
def running_system(kafka: str, database: str, prefix: str, home: Path) -> Iterator[System]:
    if "TOCCATA_URL" in os.environ:
        auth = (os.environ["TOCCATA_AUTH_USERNAME"], os.environ["TOCCATA_AUTH_PASSWORD"])
        yield System(os.environ["TOCCATA_URL"], auth)
        return
    asyncio.run(ensure_topics(KafkaSettings(bootstrap_servers=kafka, topic_prefix=prefix)))
    port = _free_port()
    environment = os.environ | {
        "TOCCATA_KAFKA_BOOTSTRAP_SERVERS": kafka,
        "TOCCATA_KAFKA_TOPIC_PREFIX": prefix,
        "TOCCATA_DATABASE_URL": database,
        "TOCCATA_HOME": str(home),
        "TOCCATA_WEB_PORT": str(port),
        "TOCCATA_AUTH_USERNAME": USER,
        "TOCCATA_AUTH_PASSWORD": PASSWORD,
    }
    processes = {name: _start(name, environment, home) for name in SERVICES}
    try:
        _await_health(f"http://127.0.0.1:{port}/health", processes, home)
        yield System(f"http://127.0.0.1:{port}", (USER, PASSWORD))
    finally:
        for process in processes.values():
            process.send_signal(signal.SIGTERM)
        for process in processes.values():
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _start(name: str, environment: dict[str, str], home: Path) -> subprocess.Popen[bytes]:
    with (home / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", f"services.{name}"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )


def _await_health(url: str, processes: dict[str, subprocess.Popen[bytes]], home: Path) -> None:
    """The health page is the signal."""
    deadline = time.monotonic() + _START_SECONDS
    with httpx.Client(transport=httpx.HTTPTransport(retries=0)) as client:
        while time.monotonic() < deadline:
            for name, process in processes.items():
                if process.poll() is not None or not psutil.pid_exists(process.pid):
                    pytest.fail(f"{name} ended:\n{(home / f'{name}.log').read_text()[-4000:]}", pytrace=False)
            try:
                if client.get(url).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
    pytest.fail(f"web was not ready in time:\n{(home / 'web.log').read_text()[-4000:]}", pytrace=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
