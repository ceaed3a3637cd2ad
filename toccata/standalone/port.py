"""TCP ports of the loopback interface: which are free, and which ones a data directory used before."""

import json
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path

from toccata.standalone.errors import StandaloneError

LOOPBACK = "127.0.0.1"
# Below the range of outgoing connections, because one of those could hold a remembered port.
_LOWEST, _HIGHEST = 20_000, 32_000
_TRIES = 200


def is_free(port: int) -> bool:
    """True if a server can listen on it now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def require_free(port: int, setting: str) -> None:
    """Refuse to start if another program has the port: its answers would pass for ours."""
    if not is_free(port):
        raise StandaloneError(
            f"Port {port} of {LOOPBACK} is in use by another program. Stop it, or set {setting} to a free port."
        )


def free_port() -> int:
    """A random free port. Two systems that start side by side rarely choose the same one."""
    for _ in range(_TRIES):
        # Not the seeded generator: tests seed it alike in every process, so all would choose the same ports.
        port = _LOWEST + secrets.randbelow(_HIGHEST - _LOWEST)
        if is_free(port):
            return port
    raise StandaloneError(f"No free TCP port was found between {_LOWEST} and {_HIGHEST}.")


def remembered_ports(file: Path, wanted: Mapping[str, int | None]) -> dict[str, int]:
    """The ports of the last start if they are free, otherwise new ones. A port that is set is used as it is."""
    before = _read(file)
    chosen: dict[str, int] = {}
    for name, port in wanted.items():
        last = before.get(name)
        if port is not None:
            chosen[name] = port
        elif last is not None and is_free(last):
            chosen[name] = last
        else:
            chosen[name] = free_port()
    if chosen != before:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(chosen))
    return chosen


def _read(file: Path) -> dict[str, int]:
    """Empty if the file is unreadable: remembering ports is only a convenience."""
    try:
        content = json.loads(file.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    if not isinstance(content, dict):
        return {}
    return {name: port for name, port in content.items() if isinstance(port, int) and 0 < port < 65536}
