"""Checks whether a worker on this machine could run scripts in containers."""

from __future__ import annotations

import asyncio

from toccata.cli.doctor.finding import Finding
from toccata.kit.container import is_there, own_host, socket_of
from toccata.plugins.families.scripts.run.docker.engine import EngineAway, EngineRefused, opened
from toccata.runtime.variables import variables

_POWER = "Who can use its socket can do everything on this machine: only the worker should. Flows get what TOCCATA_WORKER_CONTAINER_* allow."


async def containers() -> Finding:
    """Ask the engine, as a worker does before each container."""
    known = variables()
    if known.get("TOCCATA_WORKER_CONTAINERS") == "refused":
        return Finding("containers", "ok", "refused by TOCCATA_WORKER_CONTAINERS")
    host = own_host(known.get("TOCCATA_WORKER_CONTAINER_HOST", ""), known)
    socket = socket_of(host)
    if socket is not None and not is_there(socket) and not known.get("TOCCATA_WORKER_CONTAINER_HOST"):
        return Finding("containers", "ok", "no engine here: scripts run as processes")
    try:
        async with asyncio.timeout(10), opened(host, None) as engine:
            version = await engine.ask("GET", "/version")
    except (EngineAway, EngineRefused, TimeoutError) as error:
        return Finding(
            "containers",
            "warn",
            f"no engine answers: {error or host}",
            "Tasks that ask for a container fail, or run as processes.",
        )
    name = f"{version.get('Version', '?')} at {host}" if isinstance(version, dict) else host
    return found(name, open_to_all=_open_to_all(host))


def found(name: str, *, open_to_all: bool) -> Finding:
    if open_to_all:
        return Finding("containers", "warn", f"{name}, and every user of this machine can use it", _POWER)
    return Finding("containers", "ok", name)


def _open_to_all(host: str) -> bool:
    """TCP without TLS asks nobody who they are."""
    socket = socket_of(host)
    if socket is None:
        return host.startswith(("tcp://", "http://")) and not variables().get("DOCKER_TLS_VERIFY")
    return bool(socket.stat().st_mode & 0o002)
