"""Web as a process: reads settings, and serves until it is stopped."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import uvicorn

from services.web.capacity import connections_within_limits
from services.web.compose import Deployment, composed
from services.web.http.app import create_app
from services.web.http.connection import BoundedConnection, Bounds
from services.web.http.parts import Parts
from services.web.settings import AuthSettings, WebSettings, identity_of
from toccata.runtime.address import local_url
from toccata.runtime.argument import take_no_arguments
from toccata.runtime.encryption import EncryptionSettings
from toccata.runtime.errors import Fatal
from toccata.runtime.health import HealthServer
from toccata.runtime.log import get_logger
from toccata.runtime.postgres import PostgresSettings
from toccata.runtime.run import instance_name, run_service
from toccata.runtime.settings import CommonSettings, KafkaSettings
from toccata.runtime.variables import variables

log = get_logger()
_KEEP_ALIVE_SECONDS = 3600
_GRACEFUL_SECONDS = 5


def main() -> int:
    take_no_arguments("python -m services.web", "Answers the HTTP API and serves the page.")
    common = CommonSettings()
    return run_service("web", common, partial(serve, common))


async def serve(common: CommonSettings, stop: asyncio.Event) -> None:
    settings = WebSettings()
    identity = identity_of(AuthSettings(), settings.host)
    storage = settings.storage_url or str(common.home / "storage")
    secrets = settings.webhook_secrets or common.home / "webhook-secrets"
    deployment = Deployment(
        instance_name(common, "web"),
        KafkaSettings(),
        PostgresSettings(),
        storage,
        variables(),
        secrets,
        EncryptionSettings().cipher(),
    )
    listener = _listen(settings.host, settings.port)
    address, port = listener.getsockname()[:2]
    public_url = (settings.public_url or local_url(settings.host, port)).rstrip("/")
    async with composed(deployment, settings, identity, public_url) as parts:
        health = HealthServer(common.health_host, common.health_port, parts.health, parts.page)
        await health.start()
        log.info("web_listening", address=address, port=port, url=public_url)
        await _until_stopped(_server(parts), parts, listener, stop)
        await health.stop()


class _Server(uvicorn.Server):
    """Leaves signals to ``run_service``."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(parts: Parts) -> _Server:
    config = uvicorn.Config(
        create_app(parts),
        # Uvicorn only calls it, as it would call the class.
        http=partial(BoundedConnection, bounds=_bounds(parts.settings)),  # type: ignore[arg-type]
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACEFUL_SECONDS,
    )
    return _Server(config)


def _bounds(settings: WebSettings) -> Bounds:
    return Bounds(
        connections=connections_within_limits(settings.max_connections),
        head_seconds=settings.head_seconds,
        body_seconds=settings.body_seconds,
    )


def _listen(host: str, port: int) -> socket.socket:
    """Raises Fatal if the address is taken, because a person must choose another one."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, proto)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise Fatal(f"cannot listen on {host}:{port}: {error.strerror}; set TOCCATA_WEB_PORT") from error
    return listener


async def _until_stopped(server: _Server, parts: Parts, listener: socket.socket, stop: asyncio.Event) -> None:
    async def stopper() -> None:
        await stop.wait()
        parts.drain()
        server.should_exit = True

    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(stopper())
        await server.serve([listener])
        waiting.cancel()


if __name__ == "__main__":
    sys.exit(main())
