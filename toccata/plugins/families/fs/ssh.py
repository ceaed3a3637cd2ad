"""``fs.ssh.Command``"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from toccata.plugin import Properties, Secret, TaskType, dynamic
from toccata.plugins.families.fs.actions import PREFIX

_EXAMPLE = """\
host: files.example.com
port: "22"
username: bot
password: "{{ secret('FILES') }}"
commands:
  - echo hello
"""
_HOST = "the worker's own settings of SSH are not for flows"


class Command(Properties):
    """Runs commands on another machine, one after the other, in one shell."""

    host: str = dynamic(doc="name or address of the machine")
    port: int = dynamic(22, doc="its port", ge=1, le=65_535)
    auth_method: Literal["PASSWORD", "PUBLIC_KEY", "OPEN_SSH"] = dynamic(
        "PASSWORD", doc="how to sign in; OPEN_SSH is refused: " + _HOST
    )
    commands: list[str] = dynamic(doc="the commands", min_length=1)
    username: str | None = dynamic(None, doc="user")
    password: Secret | None = dynamic(None, doc="for PASSWORD")
    private_key: Secret | None = dynamic(
        None, doc="for PUBLIC_KEY: the key, as text in PEM or in OpenSSH's form"
    )
    private_key_passphrase: Secret | None = dynamic(None, doc="passphrase of the key")
    open_ssh_config_dir: str | None = dynamic(None, alias="openSSHConfigDir", ignored=_HOST)
    open_ssh_config_path: str | None = dynamic(None, alias="openSSHConfigPath", ignored=_HOST)
    proxy_command: str | None = dynamic(None, doc="not supported: a task with one fails")
    strict_host_key_checking: Literal["yes", "no", "ask"] = dynamic(
        "no", doc="yes: the machine's key must be in the worker's file known_hosts"
    )
    env: dict[str, str] = dynamic({}, doc="variables; a server takes only those that its `AcceptEnv` names")
    enable_ssh_rsa1: bool = dynamic(
        default=False, ignored="signatures with SHA-1 are broken, and the library has none"
    )
    warning_on_std_err: bool | None = dynamic(None, ignored="as in Kestra")


class CommandOutputs(BaseModel):
    exitCode: int  # noqa: N815 - the name in flows
    vars: dict[str, Any] = Field(default={})
    """What the commands wrote as `::{"outputs": {…}}::`."""


COMMAND = TaskType(
    name=f"{PREFIX}.ssh.Command",
    title="Run commands over SSH",
    properties=Command,
    run="toccata.plugins.families.fs.run.ssh:command",
    outputs=CommandOutputs,
    extra="toccata[ssh]",
    examples=(f"id: remote\ntype: {PREFIX}.ssh.Command\n{_EXAMPLE}",),
)
