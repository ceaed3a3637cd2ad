"""What the engine is told about a container. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from toccata.plugin import TaskFailed
from toccata.plugins.families.scripts.docker import ContainerOptions, DeviceRequest, DockerRunner, Memory
from toccata.plugins.families.scripts.run.docker.size import bytes_of

_NANO = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """The container of one attempt."""

    docker: DockerRunner
    image: str
    argv: Sequence[str]
    env: Mapping[str, str]
    directory: PurePosixPath
    labels: Mapping[str, str]
    volumes: Sequence[str]
    """Those that this worker mounts."""
    network: str | None


def body_of(wanted: Wanted) -> dict[str, Any]:
    """The body of the request that makes it. Raises TaskFailed for a value that is none."""
    docker = wanted.docker
    ports = [_port(text) for text in docker.port_bindings]
    host = {
        "Binds": [
            *(
                [f"{wanted.directory}:{wanted.directory}:rw"]
                if docker.file_handling_strategy == "MOUNT"
                else []
            ),
            *wanted.volumes,
        ],
        "ExtraHosts": docker.extra_hosts,
        "NetworkMode": wanted.network,
        "Privileged": docker.privileged or None,
        "NanoCpus": int(docker.cpu.cpus * _NANO) if docker.cpu and docker.cpu.cpus else None,
        "ShmSize": bytes_in(docker.shm_size),
        "DeviceRequests": [_device(each) for each in docker.device_requests],
        "PortBindings": _bindings(ports),
        # Other drivers drop old lines of a long output, or cannot be read at all.
        "LogConfig": {"Type": "json-file"},
        **(_memory(docker.memory) if docker.memory else {}),
    }
    return _given(
        {
            "Image": wanted.image,
            "Cmd": list(wanted.argv),
            "Entrypoint": docker.entry_point,
            "Env": [f"{name}={value}" for name, value in wanted.env.items()],
            "WorkingDir": str(wanted.directory),
            "User": docker.user,
            "Labels": dict(wanted.labels),
            "ExposedPorts": {container: {} for container, _ in ports},
            "AttachStdout": True,
            "AttachStderr": True,
            "HostConfig": _given(host),
        }
    )


def from_options(options: ContainerOptions | None) -> DockerRunner:
    """The runner that the old property ``docker`` describes."""
    if options is None:
        return DockerRunner()
    shared = {name: getattr(options, name) for name in ContainerOptions.model_fields}
    return DockerRunner.model_construct(**{**DockerRunner().__dict__, **shared})


def bytes_in(text: str | None) -> int | None:
    """Of a size that may have been an expression when it was checked."""
    if text is None:
        return None
    try:
        return bytes_of(text)
    except ValueError as error:
        raise TaskFailed(str(error)) from None


def _memory(memory: Memory) -> dict[str, Any]:
    return {
        "Memory": bytes_in(memory.memory),
        "MemorySwap": bytes_in(memory.memory_swap),
        "MemorySwappiness": memory.memory_swappiness,
        "MemoryReservation": bytes_in(memory.memory_reservation),
        "OomKillDisable": memory.oom_kill_disable,
    }


def _device(asked: DeviceRequest) -> dict[str, Any]:
    return _given(
        {
            "Driver": asked.driver,
            "Count": asked.count,
            "DeviceIDs": asked.device_ids,
            "Capabilities": asked.capabilities,
            "Options": asked.options,
        }
    )


def _port(text: str) -> tuple[str, dict[str, str]]:
    """``address:port:port of the container/protocol``, as ``docker run -p`` reads it."""
    rest, _, protocol = text.partition("/")
    outer, _, inner = rest.rpartition(":")
    if not inner.isdecimal() or protocol not in ("", "tcp", "udp", "sctp"):
        raise TaskFailed(f"`{text}` in portBindings is not `[address:]port:container port[/tcp|udp]`")
    address, _, port = outer.rpartition(":")
    return f"{inner}/{protocol or 'tcp'}", {"HostIp": address.strip("[]"), "HostPort": port}


def _bindings(ports: Sequence[tuple[str, dict[str, str]]]) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for container, outer in ports:
        found.setdefault(container, []).append(outer)
    return found


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None and value not in ([], {})}
