"""Settings of the worker."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from toccata.kit.container import ContainerRules, Containers, own_host
from toccata.kit.http.reach import Reach, reach_of
from toccata.runtime.settings import CommonSettings
from toccata.runtime.variables import variables


class WorkerSettings(CommonSettings):
    """Settings shared with other services begin with ``TOCCATA_``, the worker's own with ``TOCCATA_WORKER_``."""

    worker_group: str = Field("default", min_length=1, description="worker group whose tasks run here")
    worker_slots: int = Field(128, ge=1, le=10_000, description="attempts accepted at once")
    worker_light_slots: int = Field(
        256,
        ge=0,
        le=10_000,
        description="attempts of light tasks beside those, which executors send without asking dispatch; 0: none",
    )
    worker_processes: int = Field(
        default_factory=lambda: 4 * (os.cpu_count() or 1), ge=1, description="script tasks that run at once"
    )
    worker_isolation: Literal["auto", "none", "bubblewrap", "namespaces", "account"] = Field(
        "auto",
        description="how scripts are isolated; `auto` takes the first of them that works on this machine",
    )
    worker_script_environment: str = Field(
        "",
        description="further variables of the worker that scripts see: names separated by commas; `AWS_*` for all that begin so",
    )
    worker_script_network: bool = Field(
        True, description="whether scripts reach the network, which includes this machine's own ports"
    )
    worker_script_umask: str = Field(
        "022", pattern="^[0-7]{3}$", description="rights that new files of scripts do not get"
    )
    worker_script_memory_mb: int = Field(
        0,
        ge=0,
        le=1_048_576,
        description="MiB that each process of a script may write; more is refused to it; 0 sets no limit",
    )
    worker_containers: Containers = Field(
        "required",
        description="tasks that ask for a container: `required` fails them where no engine answers, `preferred` runs them as processes "
        "there, with a warning, `refused` fails them always",
    )
    worker_container_host: str = Field(
        "",
        description="the engine for containers, such as unix:///var/run/docker.sock; the default is DOCKER_HOST, or a socket of this machine",
    )
    worker_container_hosts: str = Field(
        "", description="further engines that flows may name, separated by commas; `*` for any"
    )
    worker_container_volumes: bool = Field(
        False, description="whether flows may mount folders of the engine's machine into containers"
    )
    worker_container_privileged: bool = Field(
        False, description="whether flows may run containers with all rights on the engine's machine"
    )
    worker_container_foreign: bool = Field(
        False,
        description="whether flows may stop and remove containers, networks and volumes that no flow made",
    )
    worker_script_runner: Literal["process", "docker"] = Field(
        "process",
        description="where scripts run that name no runner: as processes of the worker, or in containers as in Kestra",
    )
    worker_hidden_paths: str = Field(
        "",
        description="further files and folders that scripts do not see, separated like those in PATH; needs an isolation",
    )
    worker_local_paths: str = Field(
        "",
        description="folders of this machine whose files flows may read and write with tasks for local files, separated like those in PATH",
    )
    worker_granted_namespaces: str = Field(
        "",
        description="namespaces whose files the templates of all flows may read, separated by commas; `*` for all",
    )
    worker_http_reach: Literal["public", "all"] = Field(
        "public",
        description="where HTTP requests of flows may go: only to public addresses, or everywhere, which includes this machine",
    )
    worker_http_allowed: str = Field(
        "",
        description="host names, addresses and networks that they may reach besides public ones, separated by commas",
    )
    web_public_url: str = Field(
        "", description="address of web for people, in the links of notifications; without it they have none"
    )
    storage_url: str = Field(
        "",
        description="internal storage: a folder, or a URL with s3://, gs:// or az://; the default is the folder storage in the data directory",
    )
    plugin_path: str = Field(
        "", description="folders with installed plugin packages, separated like those in PATH"
    )

    @field_validator("worker_local_paths")
    @classmethod
    def _absolute(cls, text: str) -> str:
        for each in filter(None, text.split(os.pathsep)):
            if not Path(each).is_absolute():
                raise ValueError(f"`{each}` is no absolute path")
        return text

    @field_validator("worker_http_allowed")
    @classmethod
    def _reachable(cls, text: str) -> str:
        reach_of("public", text)
        return text

    @property
    def reach(self) -> Reach:
        return reach_of(self.worker_http_reach, self.worker_http_allowed)

    @property
    def local_paths(self) -> tuple[Path, ...]:
        return tuple(Path(each).resolve() for each in self.worker_local_paths.split(os.pathsep) if each)

    @property
    def container_rules(self) -> ContainerRules:
        known = variables()
        tls = known.get("DOCKER_CERT_PATH") if known.get("DOCKER_TLS_VERIFY") else None
        return ContainerRules(
            self.worker_containers,
            own_host(self.worker_container_host, known),
            frozenset(filter(None, (host.strip() for host in self.worker_container_hosts.split(",")))),
            self.worker_container_volumes,
            self.worker_container_privileged,
            self.worker_script_network,
            self.worker_script_runner == "docker",
            Path(tls) if tls else None,
            self.worker_container_foreign,
        )

    @property
    def granted_namespaces(self) -> frozenset[str]:
        return frozenset(filter(None, (name.strip() for name in self.worker_granted_namespaces.split(","))))

    @property
    def storage_location(self) -> str:
        return self.storage_url or str(self.home / "storage")
