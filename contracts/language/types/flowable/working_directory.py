"""``core.flow.WorkingDirectory``: tasks that share a directory, on one worker."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.language.types.declaration import TAIL, FlowableType, Slot
from contracts.language.types.flowable.sequential import following, opening
from contracts.language.types.property import DynamicDuration, Properties, dynamic
from contracts.language.types.wanted_files import Files, Texts, WantedFiles


class Cache(Properties):
    patterns: Annotated[Texts, Field(min_length=1)] = dynamic(
        doc="globs of the files to keep for the next execution"
    )
    ttl: DynamicDuration | None = dynamic(None, doc="how long the kept files count; default: for ever")


class WorkingDirectory(Properties):
    """Runs its tasks one after another in one directory of one worker. Files that a task leaves there are there for the next one.

    The first task that fails ends it; `errors` and `finally` then run, in the same directory. The directory is removed at the end. If
    its worker is lost, all its tasks run again on another worker. Flow control is not possible inside."""

    input_files: Files = dynamic(
        {}, doc="files to write before the first task: name and text, or name and URI of a file"
    )
    namespace_files: WantedFiles | None = dynamic(
        None, doc="files of namespaces to copy before the first task"
    )
    output_files: Texts = dynamic([], doc="globs of files to keep at the end")
    cache: Cache | None = dynamic(
        None, doc="files to keep for the next execution, which finds them in its directory"
    )


class WorkingDirectoryOutputs(BaseModel):
    outputFiles: dict[str, str]  # noqa: N815 - the name in flows
    """URIs of the kept files by relative path."""


def compiled(properties: WorkingDirectory) -> bool:
    """Whether something is kept."""
    return bool(properties.output_files) or properties.cache is not None


def keeps_files(compiled: bool) -> bool:  # noqa: FBT001 - what `compiled` gives
    return compiled


WORKING_DIRECTORY: FlowableType[bool] = FlowableType(
    name="io.kestra.plugin.core.flow.WorkingDirectory",
    title="Run tasks in one directory",
    properties=WorkingDirectory,
    aliases=("io.kestra.core.tasks.flows.WorkingDirectory", "io.kestra.core.tasks.flows.Worker"),
    outputs=WorkingDirectoryOutputs,
    examples=(
        """id: build
type: io.kestra.plugin.core.flow.WorkingDirectory
inputFiles:
  name.txt: Ada
outputFiles: [greeting.txt]
tasks:
  - id: greet
    type: io.kestra.plugin.scripts.shell.Commands
    commands: ['echo "Hello, $(cat name.txt)" > greeting.txt']
  - id: show
    type: io.kestra.plugin.scripts.shell.Commands
    commands: [cat greeting.txt]""",
    ),
    slots={"tasks": Slot(required=True, empty="The 'tasks' property cannot be empty"), **TAIL},
    compile=compiled,
    opening=opening,
    following=following,
    keeps_files=keeps_files,
)
