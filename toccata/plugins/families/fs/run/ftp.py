"""Files over FTP and FTPS, with Python's own library."""

from __future__ import annotations

import ftplib
import re
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from toccata.plugins.families.fs.ftp import Ftp, Ftps
from toccata.plugins.families.fs.run.place import Entry

Result = TypeVar("Result")
_CHUNK = 256 * 1024
_UNIX = re.compile(
    r"(?P<kind>[-dlbcps])(?P<mode>\S{9})\S*\s+\d+\s+\S+\s+\S+\s+(?P<size>\d+)\s+"
    r"(?P<month>[A-Za-z]{3})\s+(?P<day>\d+)\s+(?P<year>[\d:]+)\s(?P<name>.+)"
)
_DOS = re.compile(r"[\d-]+\s+[\d:]+[AP]M\s+(?P<size><DIR>|\d+)\s+(?P<name>.+)")


class _SafeFtp(ftplib.FTP_TLS):
    """Many servers want that the connection for a file takes up the session of the one for commands."""

    is_implicit = False

    def connect(self, *arguments: Any, **named: Any) -> str:
        if not self.is_implicit:
            return super().connect(*arguments, **named)
        host, port = arguments[:2]
        plain = socket.create_connection((host, port), named.get("timeout"))
        self.host, self.port, self.timeout = host, port, named.get("timeout")
        self.af = plain.family
        self.sock = self.context.wrap_socket(plain, server_hostname=host)
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        return self.welcome

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        plain, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321 - TLS is put on it below
        if not self._prot_p:  # type: ignore[attr-defined]
            return plain, size
        assert isinstance(self.sock, ssl.SSLSocket)
        return self.context.wrap_socket(plain, server_hostname=self.host, session=self.sock.session), size


class FtpPlace:
    def __init__(self, task: Ftp) -> None:
        """Raise OSError."""
        if any((task.proxy_host, task.proxy_port, task.proxy_type)):
            raise OSError("proxyHost: proxies are not supported")
        self.scheme = "ftps" if isinstance(task, Ftps) else "ftp"
        self.host = task.host
        self._ftp = _client(task)
        try:
            self._open(task)
        except ssl.SSLCertVerificationError as error:
            self._ftp.close()
            raise OSError(
                f"{task.host}:{task.port}: its certificate is not accepted: {error.verify_message}"
            ) from None
        except (OSError, EOFError, ftplib.Error) as error:
            self._ftp.close()
            raise OSError(f"{task.host}:{task.port}: {error or 'the connection was closed'}") from None
        self._knows_mlsd = True

    def _open(self, task: Ftp) -> None:
        options = task.options
        self._ftp.connect(task.host, task.port, timeout=options.connection_timeout.total_seconds())
        assert self._ftp.sock is not None
        self._ftp.sock.settimeout(options.socket_timeout.total_seconds())
        self._ftp.timeout = options.data_timeout.total_seconds()
        password = task.password.get_secret_value() if task.password is not None else ""
        self._ftp.login(task.username or "anonymous", password)
        if isinstance(self._ftp, _SafeFtp):
            assert isinstance(task, Ftps)
            (self._ftp.prot_p if task.data_channel_protection_level == "P" else self._ftp.prot_c)()
        self._ftp.set_pasv(task.passive_mode)
        self._ftp.trust_server_pasv_ipv4_address = not task.remote_ip_verification  # type: ignore[attr-defined]
        self._ftp.voidcmd("TYPE I")
        self._root = self._ftp.pwd().rstrip("/") if task.root_dir else ""

    def entry(self, path: str) -> Entry | None:
        """Few servers tell of a single path, so its folder is listed."""
        if path == "/":
            return Entry(path="/", is_folder=True)
        try:
            found = self.entries(path.rpartition("/")[0] or "/")
        except FileNotFoundError:
            return None
        return next((each for each in found if each.path == path), None)

    def entries(self, folder: str) -> list[Entry]:
        return self._on(folder, self._listed, folder.rstrip("/"))

    def _listed(self, at: str, base: str) -> list[Entry]:
        if self._knows_mlsd:
            try:
                facts = list(self._ftp.mlsd(at, ["type", "size", "modify", "unix.mode"]))
                return [_of_facts(base, name, each) for name, each in facts if _is_child(name, each)]
            except ftplib.error_perm as error:
                if not str(error).startswith(("500", "501", "502", "504")):
                    raise
                self._knows_mlsd = False
        before = self._ftp.pwd()
        self._ftp.cwd(at)  # so a path with a space or a dash at its start is no option of LIST
        lines: list[str] = []
        try:
            self._ftp.retrlines("LIST", lines.append)
        finally:
            self._ftp.cwd(before)
        return [entry for line in lines if (entry := _of_line(base, line)) is not None]

    def read(self, path: str, target: Path) -> None:
        with target.open("wb") as file:
            self._on(path, lambda at: self._ftp.retrbinary(f"RETR {at}", file.write, _CHUNK))

    def write(self, source: Path, path: str) -> None:
        with source.open("rb") as file:
            self._on(path, lambda at: self._ftp.storbinary(f"STOR {at}", file, _CHUNK))

    def make_folder(self, path: str) -> None:
        self._on(path, self._ftp.mkd)

    def rename(self, path: str, to: str, *, replace: bool) -> None:
        del replace  # servers replace files
        self._on(path, lambda at: self._ftp.rename(at, self._root + to))

    def remove(self, path: str) -> None:
        self._on(path, self._ftp.delete)

    def remove_folder(self, path: str) -> None:
        self._on(path, self._ftp.rmd)

    def close(self) -> None:
        """``quit`` would wait for a server that sends a file."""
        sock = self._ftp.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._ftp.close()

    def _on(self, path: str, work: Callable[..., Result], *more: Any) -> Result:
        try:
            return work(self._root + path or "/", *more)
        except ftplib.error_perm as error:
            kind = FileNotFoundError if str(error).startswith("550") else OSError
            raise kind(f"{self.host}: '{path}': {error}") from None
        except TimeoutError:
            raise OSError(f"{self.host}: no answer in time, at '{path}'") from None
        except (OSError, EOFError, ftplib.Error, ValueError) as error:
            raise OSError(f"{self.host}: '{path}': {error or 'the connection was closed'}") from None


def _client(task: Ftp) -> ftplib.FTP:
    if not isinstance(task, Ftps):
        return ftplib.FTP()  # noqa: S321 - the flow asks for it
    if task.data_channel_protection_level in {"S", "E"}:
        raise OSError(
            f"dataChannelProtectionLevel: {task.data_channel_protection_level} is not supported: use P or C"
        )
    context = ssl.create_default_context()
    if task.insecure_trust_all_certificates:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    client = _SafeFtp(context=context)
    client.is_implicit = task.mode == "IMPLICIT"
    return client


def _is_child(name: str, facts: dict[str, str]) -> bool:
    return name not in {".", "..", ""} and facts.get("type", "").lower() not in {"cdir", "pdir"}


def _of_facts(base: str, name: str, facts: dict[str, str]) -> Entry:
    kind = facts.get("type", "file").lower()
    moment = facts.get("modify", "")[:14]
    modified = datetime.strptime(moment, "%Y%m%d%H%M%S").replace(tzinfo=UTC) if len(moment) == 14 else None
    mode = facts.get("unix.mode", "")
    return Entry(
        path=f"{base}/{name}",
        is_folder=kind == "dir",
        is_link="slink" in kind or "symlink" in kind,
        size=int(facts["size"]) if facts.get("size", "").isdigit() else None,
        modified=None if modified is None else modified.timestamp(),
        mode=int(mode, 8) if mode else None,
    )


def _of_line(base: str, line: str) -> Entry | None:
    """None for lines that are no entry, such as the total at the start."""
    found = _UNIX.fullmatch(line)
    if found is not None:
        name = found["name"].partition(" -> ")[0] if found["kind"] == "l" else found["name"]
        if name in {".", ".."}:
            return None
        return Entry(
            path=f"{base}/{name}",
            is_folder=found["kind"] == "d",
            is_link=found["kind"] == "l",
            size=int(found["size"]),
        )
    found = _DOS.fullmatch(line)
    if found is None:
        return None
    is_folder = found["size"] == "<DIR>"
    size = None if is_folder else int(found["size"])
    return Entry(path=f"{base}/{found['name']}", is_folder=is_folder, size=size)
