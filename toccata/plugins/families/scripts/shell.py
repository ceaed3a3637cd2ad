"""``scripts.shell.Commands`` and ``scripts.shell.Script``."""

from __future__ import annotations

from toccata.plugin import Outputs, RunContext, dynamic
from toccata.plugins.families.scripts.script import (
    ScriptTask,
    child_environment,
    run_script,
    script_type,
    shell_argv,
    with_files,
)


class Commands(ScriptTask):
    """Runs command lines, all in one shell. Its name for what goes wrong is the exit code of the last one that ran."""

    commands: list[str] = dynamic(doc="shell lines")


class Script(ScriptTask):
    """Runs a shell script."""

    script: str = dynamic(doc="the text of the script")


async def run_commands(task: Commands, run: RunContext) -> Outputs:
    return await _run(task, run, task.commands)


async def run_text(task: Script, run: RunContext) -> Outputs:
    return await _run(task, run, [task.script])


async def _run(task: ScriptTask, run: RunContext, commands: list[str]) -> Outputs:
    local = await with_files(task, run, commands)
    env = child_environment(task, await run.directory(), {})
    return await run_script(task, run, shell_argv(task, local), env)


COMMANDS = script_type(
    name="io.kestra.plugin.scripts.shell.Commands",
    title="Run shell commands",
    properties=Commands,
    run=run_commands,
    examples=(
        """id: count
type: io.kestra.plugin.scripts.shell.Commands
taskRunner:
  type: io.kestra.plugin.core.runner.Process
commands:
  - echo "::{\\"outputs\\":{\\"rows\\":3}}::\"""",
    ),
)
SCRIPT = script_type(
    name="io.kestra.plugin.scripts.shell.Script",
    title="Run a shell script",
    properties=Script,
    run=run_text,
)
PLUGINS = (COMMANDS, SCRIPT)
