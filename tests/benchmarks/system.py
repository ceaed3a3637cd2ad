"""The measured system: one standalone in a fresh home, started and stopped as by a user, and a small HTTP client."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from toccata.runtime.settings import KafkaSettings
from toccata.standalone.kafka_users import remembered_users
from toccata.standalone.port import free_port
from toccata.standalone.secret import DATABASE_URL, read_secret

_USERNAME, _PASSWORD = "admin@kestra.io", "Admin1234!"
AUTHORIZATION = "Basic " + base64.b64encode(f"{_USERNAME}:{_PASSWORD}".encode()).decode()
_START_SECONDS = 120


@dataclass(slots=True)
class Standalone:
    home: Path
    port: int
    settings: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def run_file(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / "run.json").read_text())
        return found

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        """With its password."""
        return read_secret(self.home, DATABASE_URL) or ""

    @property
    def kafka(self) -> KafkaSettings:
        users = remembered_users(Path(self.run_file["kafka_users"]), "toccata.")
        return users.settings("operator", self.run_file["kafka_bootstrap_servers"])

    async def start(self) -> float:
        """Start, and return the seconds until ready."""
        began = time.perf_counter()
        environment = (
            os.environ
            | {"TOCCATA_HOME": str(self.home), "TOCCATA_WEB_PORT": str(self.port)}
            | {"TOCCATA_AUTH_USERNAME": _USERNAME, "TOCCATA_AUTH_PASSWORD": _PASSWORD}
            | dict(self.settings)
        )
        with (self.home.parent / "standalone.log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: ASYNC220 - returns at once
                [sys.executable, "-m", "toccata.standalone"], env=environment, stdout=log, stderr=log
            )
        async with asyncio.timeout(_START_SECONDS):
            while not self._is_ready():
                assert self.process.poll() is None, (self.home.parent / "standalone.log").read_text()
                await asyncio.sleep(0.01)
        return time.perf_counter() - began

    def _is_ready(self) -> bool:
        try:
            return bool(self.run_file["ready"])
        except (OSError, ValueError):
            return False

    async def stop(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        await asyncio.to_thread(self.process.wait, 60)

    def call(
        self, method: str, path: str, body: bytes | None = None, kind: str = "application/x-yaml"
    ) -> Any:
        """Return decoded JSON. Raise with the answer's text for an error status."""
        headers = {"Authorization": AUTHORIZATION} | ({"Content-Type": kind} if body is not None else {})
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=300) as response:
                return json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read()[:500]!r}") from error

    def apply(self, source: str) -> None:
        self.call("POST", "/api/v1/main/flows", source.encode())

    def execute(self, flow_id: str) -> Any:
        """Run a flow of the namespace ``bench`` and wait for its end."""
        kind = "multipart/form-data; boundary=none"
        return self.call("POST", f"/api/v1/main/executions/bench/{flow_id}?wait=true", b"", kind)

    def processes(self) -> dict[str, list[psutil.Process]]:
        """Return every process of the system by part, including children."""
        assert self.process is not None
        parts: dict[str, list[psutil.Process]] = {"supervisor": [psutil.Process(self.process.pid)]}
        for name, pid in self.run_file["pids"].items():
            parent = psutil.Process(pid)
            parts[name] = [parent, *parent.children(recursive=True)]
        return parts

    def cpu_seconds(self) -> dict[str, float]:
        return {
            name: sum(times.user + times.system for times in (p.cpu_times() for p in processes))
            for name, processes in self.processes().items()
        }

    def memory_mb(self) -> dict[str, float]:
        """Return the proportional set size, which counts pages that processes share only once."""
        return {
            name: sum(p.memory_full_info().pss for p in processes) / 2**20
            for name, processes in self.processes().items()
        }


@asynccontextmanager
async def standalone() -> Any:
    with TemporaryDirectory(prefix="toccata-bench-") as folder:
        system = Standalone(Path(folder) / "home", free_port())
        await system.start()
        try:
            yield system
        finally:
            await system.stop()
