"""What a worker lets flows do with a container engine. Values only: nothing here calls one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Containers = Literal["required", "preferred", "refused"]
"""What happens to a task that asks for a container. ``required``: it fails where no engine answers. ``preferred``: it runs as a process
there, and a warning says so. ``refused``: it fails always."""
SOCKETS = ("/var/run/docker.sock", "/run/podman/podman.sock")
_OF_USER = ("docker.sock", "podman/podman.sock")


@dataclass(frozen=True, slots=True)
class ContainerRules:
    """The same for all attempts of a worker."""

    containers: Containers = "required"
    host: str = ""
    """The worker's own engine: ``unix:///…``, ``tcp://host:port``. Empty: it has none."""
    hosts: frozenset[str] = frozenset()
    """Further engines that flows may name. ``*``: any."""
    volumes: bool = False
    """Whether flows may mount folders of the engine's machine."""
    privileged: bool = False
    network: bool = True
    """Whether containers have a network at all."""
    is_default: bool = False
    """Whether scripts that name no runner run in a container."""
    certificates: Path | None = None
    """A folder with ``ca.pem``, ``cert.pem`` and ``key.pem``, for engines that want TLS."""
    foreign: bool = False
    """Whether flows may stop and remove containers, networks and volumes that no flow made."""

    def allows(self, host: str) -> bool:
        return host == self.host or host in self.hosts or "*" in self.hosts


NO_CONTAINERS = ContainerRules()
"""There is no engine, and tasks need one."""


def own_host(named: str, environment: Mapping[str, str]) -> str:
    """The address of the engine: the setting, what Docker's own programs read, or the first socket of this machine. Without any it is
    Docker's, where an engine that starts later answers."""
    given = named or environment.get("DOCKER_HOST", "")
    if given:
        return given
    folder = environment.get("XDG_RUNTIME_DIR")
    of_user = [f"{folder}/{name}" for name in _OF_USER] if folder else []
    return "unix://" + next((path for path in (*of_user, *SOCKETS) if is_there(path)), SOCKETS[0])


def socket_of(host: str) -> Path | None:
    """The path of the socket; None if the engine is reached another way."""
    return Path(host.removeprefix("unix://")) if host.startswith("unix://") else None


def is_there(path: str | Path) -> bool:
    """Whether the socket of an engine is there."""
    try:
        return Path(path).is_socket()
    except OSError:  # a folder above is closed to this user
        return False
