"""``fs.ssh.Command``"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from typing import Any

import paramiko

from toccata.plugin import NotJson, Outputs, RunContext, TaskFailed, in_thread, read_json
from toccata.plugins.families.fs.run.ssh_client import check_host, connect, key_of, sign_in
from toccata.plugins.families.fs.ssh import Command

_SPOKEN = re.compile(r"::(\{.*\})::")
_CHUNK = 32 * 1024
_LONGEST_LINE = 1024 * 1024
_KINDS = ("counter", "timer", "gauge")


async def command(task: Command, run: RunContext) -> Outputs:
    _check(task)
    said: dict[str, Any] = {}
    loop = asyncio.get_running_loop()

    def hear(line: str, is_error: bool) -> None:  # noqa: FBT001 - called from threads
        loop.call_soon_threadsafe(_heard, run, said, line, is_error)

    shell = _Shell(task, hear)
    try:
        code = await in_thread(shell.run, stop=shell.close)
    except OSError as error:
        raise TaskFailed(str(error)) from None
    finally:
        await in_thread(shell.close)
    await asyncio.sleep(0)  # the last lines have been heard before this
    outputs = {"exitCode": code, "vars": said}
    if code != 0:
        raise TaskFailed(f"SSH command fails with exit status {code}", outputs)
    return outputs


def _check(task: Command) -> None:
    if task.auth_method == "OPEN_SSH":
        raise TaskFailed(
            "authMethod: OPEN_SSH is refused: the worker's own settings of SSH are not for flows"
        )
    if task.auth_method == "PASSWORD" and task.password is None:
        raise TaskFailed("password: is needed with `authMethod: PASSWORD`")
    if task.auth_method == "PUBLIC_KEY" and task.private_key is None:
        raise TaskFailed("privateKey: is needed with `authMethod: PUBLIC_KEY`")
    if task.proxy_command is not None:
        raise TaskFailed("proxyCommand: is not supported")


class _Shell:
    """Runs the commands in a thread. ``close`` ends it from another."""

    def __init__(self, task: Command, hear: Callable[[str, bool], None]) -> None:
        self._task = task
        self._hear = hear
        self._transport: paramiko.Transport | None = None

    def run(self) -> int:
        """The exit code. Raise OSError."""
        task = self._task
        is_key = task.auth_method == "PUBLIC_KEY"
        key = key_of(task.private_key, task.private_key_passphrase, "privateKey") if is_key else None
        self._transport = transport = connect(task.host, task.port)
        if task.strict_host_key_checking == "yes":
            check_host(transport, task.host, task.port)
        sign_in(transport, task.username or "", None if is_key else task.password, key)
        try:
            channel = transport.open_session(timeout=30)
            channel.update_environment(task.env)
            channel.exec_command("\n".join(task.commands))
            errors = threading.Thread(target=self._read, args=(channel.recv_stderr, True), daemon=True)
            errors.start()
            self._read(channel.recv, False)
            errors.join()
            code: int = channel.recv_exit_status()
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise OSError(
                f"{task.host}: the command was cut off: {error or 'the connection was closed'}"
            ) from None
        if code == -1:
            raise OSError(f"{task.host}: the command ended without an exit status")
        return code

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _read(self, receive: Callable[[int], bytes], is_error: bool) -> None:  # noqa: FBT001
        rest = b""
        while part := receive(_CHUNK):
            *lines, rest = (rest + part).split(b"\n")
            if len(rest) > _LONGEST_LINE:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._hear(line.decode("utf-8", "replace").rstrip("\r"), is_error)
        if rest:
            self._hear(rest.decode("utf-8", "replace"), is_error)


def _heard(run: RunContext, said: dict[str, Any], line: str, is_error: bool) -> None:  # noqa: FBT001
    """A line of the protocol that scripts speak gives outputs and metrics. Others are logged."""
    found = _SPOKEN.fullmatch(line.strip())
    try:
        message = read_json(found[1]) if found is not None else None
    except NotJson:
        message = None
    if not isinstance(message, dict):
        run.log("ERROR" if is_error else "INFO", line)
        return
    if isinstance(message.get("outputs"), dict):
        said.update(message["outputs"])
    for each in message.get("metrics") or ():
        _measured(run, each)


def _measured(run: RunContext, metric: Any) -> None:
    try:
        kind, name, value = metric["type"], str(metric["name"]), float(metric["value"])
        tags = {str(key): str(each) for key, each in (metric.get("tags") or {}).items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        kind = None
    if kind not in _KINDS:
        run.log("WARN", f"This is no metric: {metric!r:.200}")
        return
    run.metric(kind, name, value, tags)
