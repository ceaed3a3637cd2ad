"""Runs Git. Whatever a repository or a flow says, it speaks only the protocols that are allowed, and asks nobody anything."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from toccata.plugin import RunContext, TaskFailed, scratch
from toccata.plugins.families.git.run.address import REMOTE, address_of
from toccata.plugins.families.git.types import Repository

_TAIL = 2000
_KEY = re.compile(r"[A-Za-z][\w-]*(\.[^\n]+)?\.[A-Za-z][\w-]*")
_HELPER = """!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$GIT_TASK_USER" "$GIT_TASK_PASSWORD"; }; f"""
"""The sign-in is in no argument, no file and no address. Git asks only for the host that it is meant for."""
_ASKPASS = "#!/bin/sh\nprintf '%s\\n' \"$GIT_TASK_PASSPHRASE\"\n"


class Git:
    """Git with the settings of one task. Make it with :meth:`of`."""

    def __init__(self, run: RunContext, url: str, environment: Mapping[str, str]) -> None:
        self.run = run
        self.url = url
        self._environment = environment

    @classmethod
    async def of(cls, task: Repository, run: RunContext) -> Git:
        """Raise TaskFailed."""
        if shutil.which("git") is None:
            raise TaskFailed("this worker has no Git: install the program `git` there")
        url = address_of(task.url, run.local_paths)
        environment = {
            **run.environment,
            **run.markers,
            "HOME": str(await run.directory()),
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "LC_ALL": "C.UTF-8",
            "GIT_SSH_COMMAND": await _ssh(task, run),
            "GIT_TASK_USER": task.username or "",
            "GIT_TASK_PASSWORD": task.password.get_secret_value() if task.password is not None else "",
            **_settings(await _config(task, run, url)),
        }
        if task.passphrase is not None:
            environment |= {
                "GIT_TASK_PASSPHRASE": task.passphrase.get_secret_value(),
                "SSH_ASKPASS": str(await _script(run, _ASKPASS)),
                "SSH_ASKPASS_REQUIRE": "force",
            }
        if task.no_proxy:
            environment |= {"no_proxy": "*", "NO_PROXY": "*"}
        return cls(run, url, environment)

    async def __call__(
        self, folder: Path, *arguments: str, stdin: bytes = b"", more: Mapping[str, str] | None = None
    ) -> str:
        """Run it in ``folder`` and give what it says. Raise TaskFailed with its complaint."""
        code, said, complaint = await self.try_(folder, *arguments, stdin=stdin, more=more)
        if code:
            raise TaskFailed(f"git {_verb(arguments)}: {_reason(complaint) or f'exit code {code}'}")
        return said

    async def try_(
        self,
        folder: Path,
        *arguments: str,
        stdin: bytes = b"",
        more: Mapping[str, str] | None = None,
        to: BinaryIO | None = None,
    ) -> tuple[int, str, str]:
        """Its exit code, what it says, and its complaints. ``to``: a file that gets what it says instead."""
        argv = await self.run.isolated(["git", "-C", str(folder), *arguments])
        starting = asyncio.ensure_future(
            asyncio.create_subprocess_exec(
                *argv,
                cwd=await self.run.directory(),
                env={**self._environment, **(more or {})},
                stdin=PIPE if stdin else DEVNULL,
                stdout=to or PIPE,
                stderr=PIPE,
                start_new_session=True,
            )
        )
        try:
            process = await asyncio.shield(starting)
        except asyncio.CancelledError:
            await _end(await starting)
            raise
        try:
            said, complaint = await process.communicate(stdin or None)
        finally:
            await _end(process)
        return (
            process.returncode or 0,
            (said or b"").decode("utf-8", "replace"),
            complaint.decode("utf-8", "replace"),
        )


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def own_namespace(run: RunContext) -> str:
    return str((run.variables.get("flow") or {}).get("namespace", ""))


def _verb(arguments: tuple[str, ...]) -> str:
    return next((each for each in arguments if not each.startswith("-")), "")


def _reason(complaint: str) -> str:
    """The lines that say why, without progress."""
    lines = [line.strip() for line in re.split(r"[\r\n]+", complaint) if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:", "remote:", "!"))]
    return "; ".join(telling or lines)[-_TAIL:]


async def _config(task: Repository, run: RunContext, url: str) -> dict[str, str]:
    """Later ones win, so those that flows must not change are the last."""
    found: dict[str, str] = {}
    for name, value in task.git_config.items():
        if not _KEY.fullmatch(name):
            raise TaskFailed(f"gitConfig: `{name}` is no setting of Git: they are written as core.autocrlf")
        if name.lower().startswith("protocol."):
            raise TaskFailed(f"gitConfig: `{name}`: the protocols are https, ssh and http, and no others")
        found[name] = str(value).lower() if isinstance(value, bool) else str(value)
    parts = urlsplit(url)
    if parts.scheme in {"http", "https"} and task.password is not None:
        found[f"credential.{parts.scheme}://{parts.netloc.rpartition('@')[2]}.helper"] = _HELPER
    if task.trusted_ca_pem_path is not None:
        found["http.sslCAInfo"] = str(await run.directory() / task.trusted_ca_pem_path)
    found |= {
        "http.lowSpeedLimit": "1",
        "http.lowSpeedTime": str(max(1, task.read_timeout // 1000)),
        "safe.directory": "*",
        "advice.detachedHead": "false",
        "gc.auto": "0",
        "protocol.allow": "never",
        **{f"protocol.{each}.allow": "always" for each in REMOTE},
    }
    if parts.scheme == "file":
        found["protocol.file.allow"] = "user"  # which excludes submodules
    return found


def _settings(config: Mapping[str, str]) -> dict[str, str]:
    found = {"GIT_CONFIG_COUNT": str(len(config))}
    for number, (name, value) in enumerate(config.items()):
        found |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return found


async def _ssh(task: Repository, run: RunContext) -> str:
    """Kestra checks no host keys, and flows give none."""
    options = [
        "ssh",
        f"-o ConnectTimeout={max(1, task.connect_timeout // 1000)}",
        "-o StrictHostKeyChecking=no",
        f"-o UserKnownHostsFile={os.devnull}",
        "-o PasswordAuthentication=no",
        "-o LogLevel=ERROR",
    ]
    if task.private_key is not None:
        path = await scratch(run) / "key"
        text = task.private_key.get_secret_value().strip() + "\n"
        await asyncio.to_thread(_write, path, text, 0o600)
        options += ["-F /dev/null", "-o IdentitiesOnly=yes", f"-i '{path}'"]
    return " ".join(options)


async def _script(run: RunContext, text: str) -> Path:
    path = await scratch(run) / "ask"
    await asyncio.to_thread(_write, path, text, 0o700)
    return path


def _write(path: Path, text: str, mode: int) -> None:
    path.touch(mode=mode)
    path.write_text(text, encoding="utf-8")
