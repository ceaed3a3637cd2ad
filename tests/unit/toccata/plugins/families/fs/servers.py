"""Servers of files for tests: real ones, of other libraries than those that the tasks use."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.servers import FTPServer

from tests.support.certificate import self_signed

USER, PASSWORD = "bot", "hidden-password"


@dataclass
class FileServer:
    """``root`` is what the user sees as ``/``."""

    protocol: str
    port: int
    root: Path
    more: dict[str, Any]

    @property
    def sign_in(self) -> dict[str, Any]:
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "username": USER,
            "password": "{{ secret('FILES') }}",
            **self.more,
        }


class _Door(asyncssh.SSHServer):
    """Lets in who has the password, or the key."""

    key: asyncssh.SSHKey | None = None

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return self.key is not None

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return self.key is not None and key.public_data == self.key.public_data


async def _shell(process: asyncssh.SSHServerProcess[bytes]) -> None:
    """Runs commands as a server of SSH does."""
    child = await asyncio.create_subprocess_exec(
        *("sh", "-c", process.command or ""),
        env={"PATH": "/usr/bin:/bin", **dict(process.env)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    assert child.stderr is not None
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_pass_on(child.stdout, process.stdout))
            group.create_task(_pass_on(child.stderr, process.stderr))
        process.exit(await child.wait())
    finally:  # also if the client is gone
        with suppress(ProcessLookupError):
            child.kill()


async def _pass_on(source: asyncio.StreamReader, target: asyncssh.SSHWriter[bytes]) -> None:
    while part := await source.read(4096):
        target.write(part)
        await target.drain()


@asynccontextmanager
async def ssh_server(
    root: Path, key: asyncssh.SSHKey | None = None, home: str = ""
) -> AsyncIterator[FileServer]:
    """With SFTP and commands. ``home``: the user's folder in ``root``."""
    await asyncio.to_thread(root.mkdir, exist_ok=True)
    door = type("Door", (_Door,), {"key": key})

    class Home(asyncssh.SFTPServer):
        def __init__(self, channel: Any) -> None:
            super().__init__(channel, chroot=os.fsencode(root))

        def realpath(self, path: bytes) -> Any:
            return super().realpath(home.encode() if path == b"." and home else path)

    host_key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.listen(
        *("127.0.0.1", 0),
        server_host_keys=[host_key],
        server_factory=door,
        sftp_factory=Home,
        process_factory=_shell,
        encoding=None,
    )
    port = server.sockets[0].getsockname()[1]
    found = FileServer("sftp", port, root, {})
    _HOST_KEYS[port] = host_key
    try:
        yield found
    finally:
        server.close()


_HOST_KEYS: dict[int, asyncssh.SSHKey] = {}


def host_key_of(port: int) -> str:
    return _HOST_KEYS[port].export_public_key().decode().strip()


@contextmanager
def ftp_server(
    root: Path, *, tls: str = "", mlsd: bool = True, certificates: Path | None = None
) -> Iterator[FileServer]:
    """``tls``: EXPLICIT, IMPLICIT or none. Without ``mlsd``, it knows only the old form of lists."""
    logging.getLogger("pyftpdlib").setLevel(logging.ERROR)
    root.mkdir(exist_ok=True)
    users = DummyAuthorizer()
    users.add_user(USER, PASSWORD, str(root), perm="elradfmwMT")
    base: type[Any] = TLS_FTPHandler if tls else FTPHandler
    settings: dict[str, Any] = {"authorizer": users}
    if tls:
        assert certificates is not None
        self_signed(certificates, "127.0.0.1")
        settings |= {
            "certfile": str(certificates / "cert.pem"),
            "keyfile": str(certificates / "key.pem"),
            "tls_control_required": True,
            "tls_data_required": True,
        }
    if tls == "IMPLICIT":
        settings |= {"handle": _handle_at_once, "handle_ssl_established": TLS_FTPHandler.handle}
    if not mlsd:
        settings["proto_cmds"] = {k: v for k, v in FTPHandler.proto_cmds.items() if k not in {"MLSD", "MLST"}}
    server = FTPServer(("127.0.0.1", 0), type("Handler", (base,), settings))
    thread = threading.Thread(target=server.serve_forever, kwargs={"timeout": 0.05}, daemon=True)
    thread.start()
    more = {"mode": tls, "insecureTrustAllCertificates": True} if tls else {}
    try:
        yield FileServer("ftps" if tls else "ftp", server.socket.getsockname()[1], root, more)
    finally:
        server.ioloop.call_later(0, server.close_all)
        thread.join(10)


def _handle_at_once(handler: Any) -> None:
    """TLS begins with the connection."""
    handler.secure_connection(handler.get_ssl_context())
