"""Declarations of the script types and of their runner."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Tag, WithJsonSchema, field_validator

from toccata.plugin import Files, Properties, RunnerType, TaskType, Texts, WantedFiles, dynamic, static
from toccata.plugins.families.scripts.docker import DOCKER, DockerTaskRunner, OldOptions

SHELL = ["/bin/sh", "-c"]
_RUN = "toccata.plugins.families.scripts.run"


class ProcessRunner(Properties):
    """A child process of the worker, in the task's working directory. It has no properties."""


PROCESS = RunnerType(
    name="io.kestra.plugin.core.runner.Process",
    title="Run on the worker itself",
    properties=ProcessRunner,
    aliases=("io.kestra.core.models.tasks.runners.types.ProcessTaskRunner",),
    examples=("taskRunner:\n  type: io.kestra.plugin.core.runner.Process",),
)


class ProcessTaskRunner(BaseModel):
    """The runner as a task names it."""

    model_config = ConfigDict(extra="allow")
    type: str

    @field_validator("type")
    @classmethod
    def _supported(cls, value: str) -> str:
        if value not in (PROCESS.name, *PROCESS.aliases):
            raise ValueError(
                f"task runner `{value}` is not supported here; use {PROCESS.name} or {DOCKER.name}"
            )
        return value


def _kind(value: Any) -> str:
    name = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)
    return "docker" if name in (DOCKER.name, *DOCKER.aliases) else "process"


TaskRunner = Annotated[
    Annotated[ProcessTaskRunner, Tag("process")] | Annotated[DockerTaskRunner, Tag("docker")],
    Discriminator(_kind),
    # The runners' own types have their properties. Repeated in every type of script, they would be most of its schema.
    WithJsonSchema({"type": "object", "properties": {"type": {"type": "string"}}, "required": ["type"]}),
]
"""A runner and its properties."""


class ScriptTask(Properties):
    """The properties of every script task."""

    task_runner: TaskRunner | None = dynamic(
        None, doc="where it runs; default: io.kestra.plugin.core.runner.Process, if the worker has no other"
    )
    container_image: str | None = dynamic(None, doc="image of the container; Process uses none")
    before_commands: list[str] = dynamic([], doc="commands to run first, in the same shell")
    interpreter: list[str] = dynamic(SHELL, doc="program and arguments that run the joined commands")
    env: dict[str, Any] = dynamic({}, doc="environment variables; lists and maps are written as JSON")
    fail_fast: bool = dynamic(default=True, doc="stop at the first command that fails (`set -e`)")
    input_files: Files = dynamic(
        {}, doc="files to write: name and text, or name and URI of a file in internal storage"
    )
    output_files: Texts = dynamic([], doc="globs of files to keep after the run")
    output_directory: bool = static(default=False, doc="provide `{{ outputDir }}` and keep all files in it")
    namespace_files: WantedFiles | None = dynamic(None, doc="files of namespaces to copy before the run")
    target_os: Literal["LINUX", "WINDOWS", "AUTO"] = dynamic("AUTO", alias="targetOS")
    warning_on_std_err: bool = dynamic(default=True, doc="accepted; has no effect")
    runner: Literal["PROCESS", "DOCKER"] | None = static(None, doc="old form of taskRunner; wins over it")
    docker: Annotated[OldOptions, WithJsonSchema({"type": "object"})] | None = dynamic(
        None, doc="old form of the Docker runner's properties"
    )

    def unused(self) -> dict[str, str]:
        if self._in_container:
            return {}
        reason = "the task runs on the worker itself, without a container"
        given = {"containerImage": self.container_image, "docker": self.docker}
        return {name: reason for name, value in given.items() if value is not None}

    @property
    def _in_container(self) -> bool:
        if self.runner is not None:
            return self.runner == "DOCKER"
        return isinstance(self.task_runner, DockerTaskRunner) or (
            self.docker is not None and self.task_runner is None
        )


class ScriptOutputs(BaseModel):
    vars: dict[str, Any]
    """Outputs that the script printed as ``::{"outputs": {…}}::``."""
    exitCode: int  # noqa: N815 - the name in flows
    outputFiles: dict[str, str]  # noqa: N815
    """URIs of the kept files by relative path."""
    taskRunner: dict[str, str] | None = None  # noqa: N815
    """``containerId``, if it ran in a container."""


class ShellCommands(ScriptTask):
    """Runs command lines in one shell. Its exit code is that of the last command that ran."""

    commands: list[str] = dynamic(doc="shell lines")


class ShellScript(ScriptTask):
    """Runs a shell script."""

    script: str = dynamic(doc="the text of the script")


class PythonTask(ScriptTask):
    dependencies: list[str] = dynamic(
        [], doc="requirements to install before the run; other runs do not see them"
    )
    python_version: str | None = dynamic(
        None, doc="version that `dependencies` are for in a container; default: that of the image"
    )
    dependency_cache_enabled: bool = dynamic(default=True, doc="accepted; pip's own cache is used")
    package_manager: Literal["UV", "PIP"] = dynamic("UV", doc="UV falls back to pip if the worker has no uv")

    def unused(self) -> dict[str, str]:
        own = "the task runs with the worker's own Python"
        given = self.python_version is not None and not self._in_container
        return {**super().unused(), **({"pythonVersion": own} if given else {})}


class PythonScript(PythonTask):
    """Runs a Python script. ``from kestra import Kestra`` lets it report outputs, metrics and logs."""

    script: str = dynamic(doc="the text of the script")


class PythonCommands(PythonTask):
    """Runs command lines that use Python, in one shell."""

    commands: list[str] = dynamic(doc="shell lines")


def _script_type(
    name: str, title: str, properties: type[ScriptTask], run: str, examples: tuple[str, ...] = ()
) -> TaskType:
    return TaskType(
        name=name,
        title=title,
        properties=properties,
        run=f"{_RUN}.{run}",
        outputs=ScriptOutputs,
        examples=examples,
        kind="heavy",
        directory_variables=f"{_RUN}.script:directory_variables",
    )


SHELL_COMMANDS = _script_type(
    "io.kestra.plugin.scripts.shell.Commands",
    "Run shell commands",
    ShellCommands,
    "shell:run_commands",
    examples=(
        """id: count
type: io.kestra.plugin.scripts.shell.Commands
taskRunner:
  type: io.kestra.plugin.core.runner.Process
commands:
  - echo "::{\\"outputs\\":{\\"rows\\":3}}::\"""",
    ),
)
SHELL_SCRIPT = _script_type(
    "io.kestra.plugin.scripts.shell.Script", "Run a shell script", ShellScript, "shell:run_text"
)
PYTHON_SCRIPT = _script_type(
    "io.kestra.plugin.scripts.python.Script",
    "Run a Python script",
    PythonScript,
    "python:run_text",
    examples=(
        """id: count
type: io.kestra.plugin.scripts.python.Script
taskRunner:
  type: io.kestra.plugin.core.runner.Process
script: |
  from kestra import Kestra
  Kestra.outputs({"rows": 3})""",
    ),
)
PYTHON_COMMANDS = _script_type(
    "io.kestra.plugin.scripts.python.Commands",
    "Run commands that use Python",
    PythonCommands,
    "python:run_commands",
)
