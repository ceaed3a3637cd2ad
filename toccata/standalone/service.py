"""One service as its own process: start it, ask whether it is ready, stop it."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from toccata.standalone.child import Child, ChildSpec, Output
from toccata.standalone.errors import StandaloneError
from toccata.standalone.port import LOOPBACK

SERVICES = {
    "web": "services.web",
    "trigger-listener": "services.trigger_listener",
    "executor": "services.executor",
    "worker": "services.worker",
    "indexer": "services.indexer",
}
"""The module of each service, by name."""

_PROBE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    name: str
    output: Output
    health_port: int
    environment: Mapping[str, str]
    secrets: Mapping[str, str]


class ServiceProcess:
    """Has the same methods as the embedded servers, so that one loop keeps both alive."""

    def __init__(self, spec: ServiceSpec) -> None:
        self.spec = spec
        self.name = spec.name
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """None while it does not run."""
        return self._child.pid if self._child is not None and self._child.exit_code is None else None

    async def start(self) -> str:
        """Spawn it, without waiting until it is ready. Gives the address of its health port."""
        argv = [sys.executable, "-m", SERVICES[self.name]]
        spec = ChildSpec(
            self.name, argv, self.spec.output, environment=self.spec.environment, secrets=self.spec.secrets
        )
        self._child = await Child.spawn(spec)
        return self.health_url

    @property
    def health_url(self) -> str:
        return f"http://{LOOPBACK}:{self.spec.health_port}"

    async def wait(self) -> int:
        """Wait until it has ended. Cancelling the wait leaves it running."""
        if self._child is None:
            raise StandaloneError(f"The service {self.name} has not been started.")
        return await self._child.wait()

    async def stop(self, deadline_seconds: float) -> None:
        """Let it drain, and kill it after the deadline."""
        if self._child is not None:
            await self._child.stop(signal.SIGTERM, deadline_seconds)

    def tail(self) -> str:
        """The last lines it wrote."""
        return self._child.tail() if self._child is not None else ""

    async def ready(self) -> bool:
        """True if ``/health/ready`` answers 200."""
        if self.pid is None:
            return False
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            async with asyncio.timeout(_PROBE_SECONDS):
                reader, writer = await asyncio.open_connection(LOOPBACK, self.spec.health_port)
                try:
                    writer.write(
                        b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                    )
                    status = await reader.readline()
                finally:
                    writer.close()
                return status.split(b" ")[1:2] == [b"200"]
        return False
