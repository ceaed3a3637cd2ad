"""Tasks on a container engine itself: build, run, pull, push, tag, list, stop and remove. They speak its HTTP API, and need no `docker` program."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, field_validator

from toccata.plugin import Files, Properties, TaskType, Texts, WantedFiles, dynamic
from toccata.plugins.families.scripts.docker import ContainerOptions, EngineAccess
from toccata.plugins.families.scripts.types import ScriptOutputs

PREFIX = "io.kestra.plugin.docker.cli"
_RUN = "toccata.plugins.families.scripts.run"


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class Build(EngineAccess):
    """Builds an image of the files in the working directory, and pushes it if wanted."""

    dockerfile: str = dynamic(
        doc="the text of the Dockerfile, or the name of a file in the working directory"
    )
    tags: list[str] = dynamic(doc="names of the image, with their tags", min_length=1)
    platforms: list[str] = dynamic(
        [], doc="platform such as `linux/amd64`; of several, the last one is built; default: the engine's own"
    )
    push: bool = dynamic(default=False, doc="push all tags")
    pull: bool = dynamic(default=True, doc="ask registries for newer versions of the images it builds on")
    build_args: dict[str, str] = dynamic({}, doc="values of the Dockerfile's `ARG` lines")
    labels: dict[str, str] = dynamic({}, doc="labels of the image")
    target: str | None = dynamic(None, doc="the stage to stop at")
    namespace_files: WantedFiles | None = dynamic(None, doc="files of namespaces to copy before the build")
    input_files: Files = dynamic({}, doc="files to write: name and text, or name and URI")


class BuildOutputs(BaseModel):
    imageId: str  # noqa: N815 - the name of the output
    """Of the image that was built."""


class Run(ContainerOptions):
    """Runs a container of an image, with the files of the working directory."""

    container_image: str = dynamic(doc="the image; the registry of `credentials` is put before it")
    entry_point: list[str] = dynamic([], doc="program before the commands; default: the image's")
    port_bindings: list[str] = dynamic(
        [], doc="ports of the container on the engine's machine: `127.0.0.1:8080:80/tcp`"
    )
    env: dict[str, Any] = dynamic({}, doc="environment variables")
    commands: list[str] = dynamic([], doc="program and arguments in the container; default: the image's")
    wait: bool = dynamic(default=True, doc="false: the task ends as soon as the container runs")
    namespace_files: WantedFiles | None = dynamic(None, doc="files of namespaces to copy before the run")
    input_files: Files = dynamic({}, doc="files to write: name and text, or name and URI")
    output_files: Texts = dynamic([], doc="globs of files to keep after the run")
    warning_on_std_err: bool = dynamic(default=True, doc="accepted; has no effect")

    @field_validator("entry_point", mode="before")
    @classmethod
    def _without(cls, value: Any) -> Any:
        return [] if value is None else value


class Pull(EngineAccess):
    """Pulls an image, also if the engine has one of that name."""

    image: str = dynamic(doc="the image")


class Push(EngineAccess):
    """Pushes images that the engine has."""

    tags: list[str] = dynamic(doc="the images, with their tags", min_length=1)


class Tag(EngineAccess):
    """Gives an image a further name."""

    source_image: str = dynamic(doc="the image")
    target_image: str = dynamic(doc="its further name, with a tag")


class ImageLs(EngineAccess):
    """Lists images of the engine."""

    show_all: bool = dynamic(default=False, doc="also images without a name, and layers of builds")
    image_name_filter: str | None = dynamic(None, doc="pattern of the name: `alpine`, `alpine:3.18`, `alp*`")
    label_filter: dict[str, str] = dynamic({}, doc="labels that they must all have")


class ImageLsOutputs(BaseModel):
    images: list[dict[str, Any]]
    """`id`, `repoTags`, `repoDigests`, `size`, `created` and `labels` of each."""
    count: int
    """How many there are."""


class Prune(EngineAccess):
    """Removes what nothing uses. Containers, networks and volumes need TOCCATA_WORKER_CONTAINER_FOREIGN on the worker, because some may be of others."""

    prune_type: Annotated[
        Literal["BUILD", "CONTAINERS", "IMAGES", "NETWORKS", "VOLUMES"], BeforeValidator(_upper)
    ] = dynamic(doc="what is removed; BUILD is the cache of builds")
    dangling: bool = dynamic(default=False, doc="only images without a name")
    until: str | None = dynamic(None, doc="only what is older than this time or duration: `10m`")
    label_filters: list[str] = dynamic([], doc="only what has these labels: `name` or `name=value`")


class Rm(EngineAccess):
    """Removes containers and images. Containers that no flow made need TOCCATA_WORKER_CONTAINER_FOREIGN on the worker."""

    container_ids: list[str] = dynamic([], doc="ids or names of containers")
    image_ids: list[str] = dynamic([], doc="ids or names of images")
    remove_volumes: bool = dynamic(default=False, doc="also the containers' volumes that have no name")
    force: bool = dynamic(default=False, doc="also containers that run, and images with several names")


class Stop(EngineAccess):
    """Stops a container. One that no flow made needs TOCCATA_WORKER_CONTAINER_FOREIGN on the worker."""

    container_id: str = dynamic(doc="id or name of the container")
    kill: bool = dynamic(default=False, doc="end it at once, without time to finish")
    delete: bool = dynamic(default=True, doc="remove it when it has stopped")


def _type(
    name: str, title: str, properties: type[Properties], example: str, outputs: type[BaseModel] | None = None
) -> TaskType:
    return TaskType(
        name=f"{PREFIX}.{name}",
        title=title,
        properties=properties,
        run=f"{_RUN}.docker.task:run_{name.lower()}",
        outputs=outputs,
        aliases=(f"io.kestra.plugin.docker.{name}",),
        kind="heavy" if name in ("Build", "Run") else "light",
        directory_variables=f"{_RUN}.script:directory_variables" if name in ("Build", "Run") else None,
        examples=(f"id: docker\ntype: {PREFIX}.{name}\n{example}",),
    )


BUILD = _type(
    "Build",
    "Build an image",
    Build,
    'dockerfile: |\n  FROM python:3.13-slim\n  COPY report.py /app/\n  ENTRYPOINT ["python", "/app/report.py"]\n'
    "pull: false\ninputFiles:\n  report.py: print('done')\ntags: [reports:1]\n",
    BuildOutputs,
)
RUN = _type(
    "Run",
    "Run a container",
    Run,
    "containerImage: python:3.13-slim\ncommands: [python, -c, print('done')]\n",
    ScriptOutputs,
)
PULL = _type("Pull", "Pull an image", Pull, "image: python:3.13-slim\n")
PUSH = _type("Push", "Push images", Push, "tags: [localhost:5000/reports:1]\n")
TAG = _type("Tag", "Name an image", Tag, "sourceImage: python:3.13-slim\ntargetImage: reports:base\n")
IMAGE_LS = _type("ImageLs", "List images", ImageLs, "imageNameFilter: python\n", ImageLsOutputs)
PRUNE = _type("Prune", "Remove what nothing uses", Prune, "pruneType: IMAGES\ndangling: true\n")
RM = _type("Rm", "Remove containers and images", Rm, "imageIds: [reports:base]\n")
STOP = _type("Stop", "Stop a container", Stop, "containerId: reports\n")
