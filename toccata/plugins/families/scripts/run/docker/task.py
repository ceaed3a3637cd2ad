"""Runs the tasks on a container engine itself."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from toccata.files import copy_namespace_files, inside, write_files
from toccata.plugin import Outputs, RunContext, TaskFailed, write_json
from toccata.plugins.families.scripts import engine as declared
from toccata.plugins.families.scripts.docker import ContainerOptions, DockerTaskRunner, EngineAccess
from toccata.plugins.families.scripts.run.docker.archive import context_of
from toccata.plugins.families.scripts.run.docker.container import TASK_RUN
from toccata.plugins.families.scripts.run.docker.engine import Engine, EngineAway, opened
from toccata.plugins.families.scripts.run.docker.image import (
    CENTRAL,
    encoded,
    image_of,
    messages,
    pull_image,
    sign_in,
    sign_in_headers,
)
from toccata.plugins.families.scripts.run.docker.runner import (
    container_for,
    host_for,
    refuse_without_containers,
)
from toccata.plugins.families.scripts.run.script import child_environment, run_script, with_files
from toccata.plugins.families.scripts.types import ShellCommands

FOREIGN = "TOCCATA_WORKER_CONTAINER_FOREIGN=true allows it"
_DOCKERFILE = "Dockerfile.task"
_CONTAINER = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)
_IMAGE = re.compile(r"[A-Za-z0-9][\w.-]*(?:[/:@][\w.-]+)*", re.ASCII)
_ANSWERED_IN = 'the engine answers without the id of the image: "Successfully built" is missing'


@asynccontextmanager
async def engine_for(access: EngineAccess, run: RunContext) -> AsyncIterator[Engine]:
    """Raises TaskFailed if this worker may not use it, or if it does not answer."""
    refuse_without_containers(run.containers)
    try:
        async with opened(host_for(access, run.containers), run.containers.certificates) as engine:
            yield engine
    except EngineAway as away:
        raise TaskFailed(f"No container engine answers: {away}") from None


async def run_build(task: declared.Build, run: RunContext) -> Outputs:
    await copy_namespace_files(run, task.namespace_files)
    await write_files(run, task.input_files)
    directory = await run.directory()
    params = _build_params(task, _dockerfile(directory, task.dockerfile))
    if not run.containers.network:
        params["networkmode"] = "none"
    image_id = ""
    async with engine_for(task, run) as engine:
        headers = {"Content-Type": "application/x-tar", **_registries(task)}
        async with engine.parts("POST", "/build", params, headers, context_of(directory)) as parts:
            async for said in messages(parts):
                text = str(said.get("stream") or "").strip()
                if text:
                    run.log("INFO", text)
                if text.startswith("Successfully built "):
                    image_id = text.rpartition(" ")[2]
        if not image_id:
            raise TaskFailed(_ANSWERED_IN)
        if task.push:
            await _push(engine, task, task.tags, run)
    return {"imageId": image_id}


def _dockerfile(directory: Path, text: str) -> str:
    """The name of the file in the directory. A text is written there."""
    if "\n" not in text and len(text) < 256 and inside(directory, text).is_file():
        return text
    path = directory / _DOCKERFILE
    path.write_text(text, encoding="utf-8")
    return _DOCKERFILE


def _build_params(task: declared.Build, dockerfile: str) -> dict[str, Any]:
    arguments = dict(task.build_args)
    platform = task.platforms[-1] if task.platforms else None
    if platform:
        parts = platform.split("/")
        names = ("TARGETOS", "TARGETARCH", "TARGETVARIANT")
        arguments = {"TARGETPLATFORM": platform, **dict(zip(names, parts, strict=False)), **arguments}
    return {
        "dockerfile": dockerfile,
        "t": [_without_scheme(each) for each in task.tags],
        "pull": "1" if task.pull else "0",
        "rm": "1",
        "forcerm": "1",
        "buildargs": write_json(arguments).decode(),
        "labels": write_json(task.labels).decode(),
        **({"target": task.target} if task.target else {}),
        **({"platform": platform} if platform else {}),
    }


def _registries(task: declared.Build) -> dict[str, str]:
    """The sign-in for images that the build pulls."""
    given = task.credentials
    registry = (given.registry if given else None) or image_of(_without_scheme(task.tags[0])).registry
    signed_in = sign_in(task, image_of(f"{_prefix(registry)}any"))
    return {"X-Registry-Config": encoded({registry: signed_in})} if signed_in else {}


async def run_run(task: declared.Run, run: RunContext) -> Outputs:
    image = _with_registry(task)
    shared = {name: getattr(task, name) for name in ContainerOptions.model_fields}
    runner = DockerTaskRunner.model_construct(
        **{
            **DockerTaskRunner(type="docker").__dict__,
            **shared,
            "port_bindings": task.port_bindings,
            "wait": task.wait,
        }
    )
    script = ShellCommands.model_construct(
        **{
            **ShellCommands(commands=[]).__dict__,
            "task_runner": runner,
            "container_image": image,
            "env": task.env,
            "namespace_files": task.namespace_files,
            "input_files": task.input_files,
            "output_files": task.output_files,
        }
    )
    container = await container_for(script, run)
    if container is None:
        raise TaskFailed("No container engine answers, and this task is a container")
    commands = await with_files(script, run, task.commands)
    env = await child_environment(script, run, {}, container)
    return await run_script(script, run, commands, env, container)


async def run_pull(task: declared.Pull, run: RunContext) -> None:
    async with engine_for(task, run) as engine:
        await pull_image(engine, task.image, task, run)


async def run_push(task: declared.Push, run: RunContext) -> None:
    async with engine_for(task, run) as engine:
        await _push(engine, task, task.tags, run)


async def _push(engine: Engine, access: EngineAccess, tags: list[str], run: RunContext) -> None:
    for tag in dict.fromkeys(map(_without_scheme, tags)):
        image = image_of(tag)
        # The engine wants the header also for registries without a sign-in.
        headers = sign_in_headers(access, image) or {"X-Registry-Auth": "e30="}
        run.log("INFO", f"Pushing image {tag}")
        try:
            async with engine.parts(
                "POST", f"{_image(image.name)}/push", {"tag": image.tag}, headers
            ) as parts:
                async for said in messages(parts):
                    size = (said.get("aux") or {}).get("Size")
                    if size is not None:
                        run.metric("counter", "bytes", size)
        except TaskFailed as refused:
            raise TaskFailed(f"image {tag} cannot be pushed: {refused.message}") from None


async def run_tag(task: declared.Tag, run: RunContext) -> None:
    target = image_of(task.target_image)
    async with engine_for(task, run) as engine:
        params = {"repo": target.name, "tag": target.tag}
        await engine.ask("POST", f"{_image(task.source_image)}/tag", params=params)


async def run_imagels(task: declared.ImageLs, run: RunContext) -> Outputs:
    filters: dict[str, list[str]] = {}
    if task.image_name_filter:
        filters["reference"] = [task.image_name_filter]
    if task.label_filter:
        filters["label"] = [f"{name}={value}" for name, value in task.label_filter.items()]
    async with engine_for(task, run) as engine:
        params = {"all": str(task.show_all).lower(), "filters": write_json(filters).decode()}
        found = await engine.ask("GET", "/images/json", params=params)
    run.log("INFO", f"Found {len(found)} image(s)")
    return {"images": [_listed(each) for each in found], "count": len(found)}


def _listed(image: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": image["Id"],
        "repoTags": image.get("RepoTags") or [],
        "repoDigests": image.get("RepoDigests") or [],
        "size": image["Size"],
        "created": image["Created"],
        "labels": image.get("Labels") or {},
    }


async def run_prune(task: declared.Prune, run: RunContext) -> None:
    if task.prune_type not in ("IMAGES", "BUILD") and not run.containers.foreign:
        raise TaskFailed(
            f"this worker removes no {task.prune_type.lower()} that no flow made, and pruning does not know whose they are. {FOREIGN}"
        )
    filters: dict[str, list[str]] = {}
    if task.prune_type == "IMAGES":
        filters["dangling"] = [str(task.dangling).lower()]
    if task.until:
        filters["until"] = [task.until]
    if task.label_filters:
        filters["label"] = task.label_filters
    async with engine_for(task, run) as engine:
        params = {"filters": write_json(filters).decode()}
        said = await engine.ask("POST", f"/{task.prune_type.lower()}/prune", params=params, endless=True)
    run.log("INFO", f"{(said or {}).get('SpaceReclaimed', 0):,} bytes are free again")


async def run_rm(task: declared.Rm, run: RunContext) -> None:
    if not task.container_ids and not task.image_ids:
        raise TaskFailed("`containerIds` or `imageIds` is needed")
    force = str(task.force).lower()
    async with engine_for(task, run) as engine:
        images = [_image(each) for each in task.image_ids]
        containers = [await _own(engine, each, run) for each in task.container_ids]
        for path in containers:
            params = {"force": force, "v": str(task.remove_volumes).lower()}
            await engine.ask("DELETE", path, params=params)
        for path in images:
            await engine.ask("DELETE", path, params={"force": force})


async def run_stop(task: declared.Stop, run: RunContext) -> None:
    async with engine_for(task, run) as engine:
        path = await _own(engine, task.container_id, run)
        await engine.ask("POST", f"{path}/{'kill' if task.kill else 'stop'}", endless=True)
        # It may not have ended yet when it was killed.
        await engine.ask("POST", f"{path}/wait", endless=True)
        if task.delete:
            await engine.ask("DELETE", path)


async def _own(engine: Engine, name: str, run: RunContext) -> str:
    """The path of a container. Raises TaskFailed for one that no flow made, unless this worker allows that."""
    if not _CONTAINER.fullmatch(name):
        raise TaskFailed(f"`{name}` is neither id nor name of a container")
    path = f"/containers/{name}"
    found = await engine.ask("GET", f"{path}/json")
    if not run.containers.foreign and TASK_RUN not in (found["Config"].get("Labels") or {}):
        raise TaskFailed(f"no flow made the container {name}, and this worker leaves it alone. {FOREIGN}")
    return path


def _image(name: str) -> str:
    """The path of an image. Whatever a flow writes, it leads to nothing else. Raises TaskFailed."""
    if not _IMAGE.fullmatch(name) or ".." in name.split("/"):
        raise TaskFailed(f"`{name}` is neither id nor name of an image")
    return f"/images/{name}"


def _without_scheme(text: str) -> str:
    return text.partition("://")[2] or text


def _with_registry(task: declared.Run) -> str:
    registry = task.credentials.registry if task.credentials else None
    prefix = _prefix(registry) if registry else ""
    return task.container_image if task.container_image.startswith(prefix) else prefix + task.container_image


def _prefix(registry: str) -> str:
    """What images of a registry begin with. Those of the central one have none."""
    if registry == CENTRAL:
        return ""
    host = _without_scheme(registry).partition("/")[0]
    return "" if host in ("docker.io", "index.docker.io", "registry-1.docker.io") else f"{host}/"
