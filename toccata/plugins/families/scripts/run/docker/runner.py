"""Whether a script runs in a container, and the run in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from toccata.plugin import ContainerRules, RunContext, TaskFailed
from toccata.plugins.families.scripts.docker import DockerRunner, DockerTaskRunner, EngineAccess
from toccata.plugins.families.scripts.run.docker.container import Container, Ended, labels_of
from toccata.plugins.families.scripts.run.docker.engine import EngineAway, EngineRefused, opened
from toccata.plugins.families.scripts.run.docker.specification import Wanted, from_options
from toccata.plugins.families.scripts.run.process import Streams
from toccata.plugins.families.scripts.tools import tool_of
from toccata.plugins.families.scripts.types import ProcessTaskRunner, ScriptTask

IMAGES = {
    "bun": "oven/bun",
    "deno": "denoland/deno",
    "go": "golang",
    "groovy": "groovy",
    "jbang": "jbangdev/jbang-action",
    "julia": "julia",
    "lua": "nickblah/lua",
    "node": "node",
    "perl": "perl",
    "php": "php",
    "powershell": "ghcr.io/kestra-io/powershell:latest",
    "python": "python:3.13-slim",
    "r": "r-base",
    "ruby": "ruby",
    "shell": "ubuntu",
}
"""Kestra's default images, by the package of the types."""


@dataclass(frozen=True, slots=True)
class InContainer:
    """A task that runs in a container, on an engine that answers."""

    docker: DockerRunner
    image: str
    host: str
    rules: ContainerRules


def docker_of(task: ScriptTask, rules: ContainerRules) -> DockerRunner | None:
    """The container that the task asks for, in its new words or the old ones. None: it runs as a process."""
    if task.runner == "PROCESS":
        return None
    if task.runner == "DOCKER":
        return from_options(task.docker)
    if isinstance(task.task_runner, ProcessTaskRunner):
        return None
    if task.docker is not None:
        return from_options(task.docker)
    if isinstance(task.task_runner, DockerTaskRunner):
        return task.task_runner
    return DockerRunner() if rules.is_default else None


async def container_for(task: ScriptTask, run: RunContext) -> InContainer | None:
    """None: the task runs as a process. A WARN line says so if it asked for a container. Raises TaskFailed."""
    rules = run.containers
    docker = docker_of(task, rules)
    if docker is None:
        return None
    refuse_without_containers(rules)
    if docker.privileged and not rules.privileged:
        raise TaskFailed(
            "this worker runs no privileged containers: they may do everything on the engine's machine. "
            "TOCCATA_WORKER_CONTAINER_PRIVILEGED=true allows them"
        )
    if not rules.network and docker.network_mode not in (None, "none"):
        raise TaskFailed("this worker gives scripts no network (TOCCATA_WORKER_SCRIPT_NETWORK=false)")
    host = host_for(docker, rules)
    image = (task.docker.image if task.docker else None) or task.container_image or _image(run)
    if not image:
        raise TaskFailed("the Docker runner needs `containerImage`")
    found = InContainer(docker, image, host, rules)
    try:
        await _reached(found)
    except EngineAway as away:
        if rules.containers == "required":
            raise TaskFailed(advice(str(away))) from None
        run.log(
            "WARN",
            f"No container engine answers ({away}): the task runs on the worker itself, as a process. "
            f"Image {image} is not used",
        )
        return None
    return found


def refuse_without_containers(rules: ContainerRules) -> None:
    if rules.containers == "refused":
        raise TaskFailed("this worker runs no containers (TOCCATA_WORKER_CONTAINERS=refused)")


def host_for(access: EngineAccess, rules: ContainerRules) -> str:
    """The address of the engine. Raises TaskFailed if this worker may not use it."""
    if access.host and not rules.allows(access.host):
        raise TaskFailed(
            f"this worker may not use the engine {access.host}: name it in TOCCATA_WORKER_CONTAINER_HOSTS"
        )
    return access.host or rules.host


async def run_in_container(
    asked: InContainer, run: RunContext, argv: Sequence[str], env: Mapping[str, str], streams: Streams
) -> Ended:
    """Run it to its end. Raises TaskFailed. Cancelling it stops the container."""
    docker, rules = asked.docker, asked.rules
    if docker.volumes and not rules.volumes:
        run.log(
            "WARN",
            "`volumes` are not mounted: they open the engine's machine to flows. TOCCATA_WORKER_CONTAINER_VOLUMES=true allows them",
        )
    wanted = Wanted(
        docker,
        asked.image,
        argv,
        env,
        PurePosixPath(await run.directory()),
        labels_of(run, resumes=docker.resume and docker.wait and docker.file_handling_strategy == "VOLUME"),
        docker.volumes if rules.volumes else (),
        docker.network_mode if rules.network else "none",
    )
    try:
        async with opened(asked.host, rules.certificates) as engine:
            return await Container(engine, run, wanted).run(streams)
    except EngineAway as away:
        raise TaskFailed(f"the container engine went away: {away}") from None


async def _reached(asked: InContainer) -> None:
    if not asked.host:
        raise EngineAway("this worker has none")
    async with opened(asked.host, asked.rules.certificates) as engine:
        try:
            await engine.answers()
        except EngineRefused as refused:
            raise EngineAway(f"{asked.host} is no container engine: {refused.message}") from None


def advice(reason: str) -> str:
    """What to do where no engine answers a script."""
    return (
        f"No container engine answers: {reason}. Give the worker one (TOCCATA_WORKER_CONTAINER_HOST, or mount the engine's "
        "socket), or run the task as a process: `taskRunner: {type: io.kestra.plugin.core.runner.Process}`. "
        "TOCCATA_WORKER_CONTAINERS=preferred does so wherever there is no engine"
    )


def _image(run: RunContext) -> str | None:
    type_name = str(run.variables["task"]["type"])
    tool = tool_of(type_name)
    return tool.image if tool is not None else IMAGES.get(type_name.split(".")[-2])
