"""Files over SFTP."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import paramiko

from toccata.plugins.families.fs.run.place import Entry
from toccata.plugins.families.fs.run.ssh_client import connect, key_of, sign_in
from toccata.plugins.families.fs.sftp import Sftp

Result = TypeVar("Result")
_AT_ONCE = 64
"""Requests of 32 KiB that are under way, so a file takes 2 MiB of memory."""
_IDLE_SECONDS = 120.0


class SftpPlace:
    scheme = "sftp"

    def __init__(self, task: Sftp) -> None:
        """Raise OSError."""
        if any((task.proxy_host, task.proxy_address, task.proxy_type)):
            raise OSError("proxyAddress: proxies are not supported")
        key = key_of(task.keyfile, task.passphrase, "keyfile")
        exchange = [each.strip() for each in (task.key_exchange_algorithm or "").split(",") if each.strip()]
        self.host = task.host
        self._transport = connect(task.host, task.port, exchange)
        sign_in(self._transport, task.username or "", task.password, key)
        try:
            client = paramiko.SFTPClient.from_transport(self._transport)
            assert client is not None
            self._client = client
            client.get_channel().settimeout(_IDLE_SECONDS)
            self._root = client.normalize(".").rstrip("/") if task.root_dir else ""
        except (paramiko.SSHException, EOFError) as error:
            self._transport.close()
            raise OSError(f"{task.host}: the server has no SFTP: {error}") from None

    def entry(self, path: str) -> Entry | None:
        try:
            return _entry(path, self._on(path, self._client.stat))
        except FileNotFoundError:
            return None

    def entries(self, folder: str) -> list[Entry]:
        found = self._on(folder, lambda at: list(self._client.listdir_iter(at)))
        base = folder.rstrip("/")
        entries = []
        for each in found:
            path = f"{base}/{each.filename}"
            if stat.S_ISLNK(each.st_mode or 0):
                target = self.entry(path)
                is_folder = target is not None and target.is_folder
                entries.append(_entry(path, each, is_link=True, is_folder=is_folder))
            else:
                entries.append(_entry(path, each))
        return entries

    def read(self, path: str, target: Path) -> None:
        with target.open("wb") as file:
            self._on(path, lambda at: self._client.getfo(at, file, max_concurrent_prefetch_requests=_AT_ONCE))

    def write(self, source: Path, path: str) -> None:
        with source.open("rb") as file:
            self._on(path, lambda at: self._client.putfo(file, at, file_size=source.stat().st_size))

    def make_folder(self, path: str) -> None:
        self._on(path, self._client.mkdir)

    def rename(self, path: str, to: str, *, replace: bool) -> None:
        rename = self._client.posix_rename if replace else self._client.rename
        self._on(path, lambda at: rename(at, self._root + to))

    def remove(self, path: str) -> None:
        self._on(path, self._client.remove)

    def remove_folder(self, path: str) -> None:
        self._on(path, self._client.rmdir)

    def close(self) -> None:
        self._transport.close()

    def _on(self, path: str, work: Callable[[str], Result]) -> Result:
        """Errors of the library say nothing of the path."""
        try:
            return work(self._root + path)
        except FileNotFoundError:
            raise FileNotFoundError(f"Unable to find '{path}' on {self.host}") from None
        except TimeoutError:
            raise OSError(f"{self.host}: no answer for {_IDLE_SECONDS:.0f} s, at '{path}'") from None
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise OSError(f"{self.host}: '{path}': {error or 'the connection was closed'}") from None


def _entry(
    path: str, found: paramiko.SFTPAttributes, *, is_link: bool = False, is_folder: bool | None = None
) -> Entry:
    mode = found.st_mode or 0
    return Entry(
        path=path,
        is_folder=stat.S_ISDIR(mode) if is_folder is None else is_folder,
        is_link=is_link,
        size=found.st_size,
        modified=found.st_mtime,
        accessed=found.st_atime,
        user=found.st_uid,
        group=found.st_gid,
        mode=found.st_mode,
    )
