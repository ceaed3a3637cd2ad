"""Declarations of the runner ``scripts.runner.docker.Docker``: scripts in containers."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, SecretStr, WithJsonSchema, field_validator

from toccata.plugin import Duration, Properties, RunnerType, Secret, dynamic, write_json
from toccata.plugins.families.scripts.run.docker.size import bytes_of


def _json_text(value: object) -> object:
    return write_json(value).decode() if isinstance(value, dict) else value


def _a_size(value: object) -> object:
    """Checked as soon as it is known: a text with an expression is not."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str) and "{{" not in value and "{%" not in value:
        bytes_of(value)
    return value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


ClientConfiguration = Annotated[
    SecretStr, BeforeValidator(_json_text), WithJsonSchema({"type": ["string", "object"]})
]
Size = Annotated[str, BeforeValidator(_a_size)]
"""Bytes, or a number with a unit: ``512MB``."""


class _Part(Properties):
    """Keys that nobody knows may come from plugin defaults, so they are only warned of."""

    model_config = ConfigDict(extra="allow")


class Credentials(_Part):
    """The sign-in at an image registry."""

    registry: str | None = dynamic(None, doc="its address; default: that of the image")
    username: str | None = dynamic(None, doc="who signs in")
    password: Secret | None = dynamic(None, doc="their password")
    registry_token: Secret | None = dynamic(None, doc="a token for the registry, in place of a password")
    identity_token: Secret | None = dynamic(None, doc="a token of the person, in place of a password")
    auth: Secret | None = dynamic(None, doc="`user:password` in base64")


class Cpu(_Part):
    """The processor time that a container may use."""

    cpus: float | None = dynamic(None, doc="processors, such as 0.5", gt=0)


class Memory(_Part):
    """The memory that a container may use. Sizes are bytes, or numbers with a unit such as `512MB`."""

    memory: Size | None = dynamic(None, doc="the limit; a process over it is killed")
    memory_swap: Size | None = dynamic(None, doc="the limit of memory and swap together; -1: no limit")
    memory_swappiness: int | None = dynamic(None, doc="how readily its pages are swapped out", ge=0, le=100)
    memory_reservation: Size | None = dynamic(None, doc="what it is held to while memory is short")
    kernel_memory: Size | None = dynamic(None, doc="of the kernel; engines since 2020 ignore it")
    oom_kill_disable: bool | None = dynamic(None, doc="wait for memory instead of being killed")


class DeviceRequest(_Part):
    """Devices that a driver gives to a container, such as GPUs."""

    driver: str | None = dynamic(None, doc="name of the driver")
    count: int | None = dynamic(None, doc="how many; -1: all")
    device_ids: list[str] = dynamic([], doc="which")
    capabilities: list[list[str]] = dynamic([], doc="what they must have: `[[gpu]]`")
    options: dict[str, str] = dynamic({}, doc="options of the driver")


class EngineAccess(Properties):
    """Which engine, and how it signs in to registries."""

    host: str | None = dynamic(
        None, doc="address of the engine; default: the worker's. Others need TOCCATA_WORKER_CONTAINER_HOSTS"
    )
    config: ClientConfiguration | None = dynamic(
        None, doc="a configuration file of Docker's client, text or map, for the sign-in at registries"
    )
    credentials: Credentials | None = dynamic(None, doc="sign-in at the image's registry")


class ContainerOptions(EngineAccess):
    """What the runner and the old property ``docker`` share."""

    user: str | None = dynamic(None, doc="user in the container; default: the image's")
    entry_point: list[str] = dynamic(
        [""], doc="program before the command; one empty text removes the image's"
    )
    extra_hosts: list[str] = dynamic([], doc="further names in the container: `name:address`")
    network_mode: str | None = dynamic(None, doc="network of the container: `bridge`, `host`, `none`, …")
    volumes: list[str] = dynamic(
        [],
        doc="folders of the engine's machine to mount: `/there:/in/the/container`. Left out, with a warning, unless "
        "TOCCATA_WORKER_CONTAINER_VOLUMES is true",
    )
    pull_policy: Annotated[Literal["IF_NOT_PRESENT", "ALWAYS", "NEVER"], BeforeValidator(_upper)] = dynamic(
        "IF_NOT_PRESENT", doc="when the image is pulled"
    )
    device_requests: list[DeviceRequest] = dynamic([], doc="devices of drivers, such as GPUs")
    cpu: Cpu | None = dynamic(None, doc="limit of processor time")
    memory: Memory | None = dynamic(None, doc="limits of memory")
    shm_size: Size | None = dynamic(None, doc="size of `/dev/shm`; the engine's default is 64 MB")
    privileged: bool = dynamic(
        default=False,
        doc="give the container all rights on the machine; refused unless TOCCATA_WORKER_CONTAINER_PRIVILEGED is true",
    )

    @field_validator("entry_point", mode="before")
    @classmethod
    def _without(cls, value: Any) -> Any:
        return [""] if value is None else value


class OldOptions(ContainerOptions):
    """The old property ``docker``."""

    model_config = ConfigDict(extra="allow")
    image: str | None = dynamic(None, doc="image of the container; wins over `containerImage`")


class DockerRunner(ContainerOptions):
    """A container of its own for each attempt, on the worker's engine (Docker, or another with its API). The working directory has the
    same path in it."""

    port_bindings: list[str] = dynamic(
        [], doc="ports of the container on the engine's machine: `127.0.0.1:8080:80/tcp`"
    )
    file_handling_strategy: Annotated[Literal["VOLUME", "MOUNT"], BeforeValidator(_upper)] = dynamic(
        "VOLUME",
        doc="VOLUME sends the files of the working directory into the container and fetches them back. MOUNT shares the directory, "
        "which needs the engine on the worker's machine",
    )
    delete: bool = dynamic(default=True, doc="remove the container at the end")
    wait: bool = dynamic(default=True, doc="false: the task ends as soon as the container runs")
    kill_grace_period: Duration = dynamic(
        timedelta(), doc="how long a killed container may take to stop; PT0S: no time"
    )
    resume: bool = dynamic(
        default=True, doc="if the worker dies, the next attempt goes on with the container that still runs"
    )


DOCKER = RunnerType(
    name="io.kestra.plugin.scripts.runner.docker.Docker",
    title="Run in a container",
    properties=DockerRunner,
    aliases=("io.kestra.plugin.scripts.runner.docker.DockerTaskRunner",),
    examples=(
        """taskRunner:
  type: io.kestra.plugin.scripts.runner.docker.Docker
  pullPolicy: IF_NOT_PRESENT
  cpu: {cpus: 1}
  memory: {memory: 512MB}""",
    ),
)


class DockerTaskRunner(DockerRunner):
    """The runner as a task names it."""

    model_config = ConfigDict(extra="allow")
    type: str = Field(description="the runner's type")
