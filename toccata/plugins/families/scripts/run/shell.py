"""``scripts.shell.Commands`` and ``scripts.shell.Script``."""

from __future__ import annotations

from toccata.plugin import Outputs, RunContext
from toccata.plugins.families.scripts.run.docker.runner import container_for
from toccata.plugins.families.scripts.run.script import child_environment, run_script, shell_argv, with_files
from toccata.plugins.families.scripts.types import ScriptTask, ShellCommands, ShellScript


async def run_commands(task: ShellCommands, run: RunContext) -> Outputs:
    return await _run(task, run, task.commands)


async def run_text(task: ShellScript, run: RunContext) -> Outputs:
    return await _run(task, run, [task.script])


async def _run(task: ScriptTask, run: RunContext, commands: list[str]) -> Outputs:
    container = await container_for(task, run)
    local = await with_files(task, run, commands)
    env = await child_environment(task, run, {}, container)
    return await run_script(task, run, shell_argv(task, local), env, container)
