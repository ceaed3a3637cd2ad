"""Command lines of the programs in ``tools``."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from shutil import which

from toccata.files import inside
from toccata.plugin import Outputs, RunContext, TaskFailed, scratch
from toccata.plugins.families.scripts.run.docker.runner import InContainer, container_for
from toccata.plugins.families.scripts.run.script import child_environment, run_script, shell_argv, with_files
from toccata.plugins.families.scripts.tools import ToolTask, tool_of


async def run_tool(task: ToolTask, run: RunContext) -> Outputs:
    container = await container_for(task, run)
    lines = await with_files(task, run, task.lines())
    env = await prepared(task, run, container)
    require_tool(task, run, env, container)
    return await run_script(task, run, shell_argv(task, lines), env, container)


async def prepared(task: ToolTask, run: RunContext, container: InContainer | None) -> dict[str, str]:
    """Write the files of the program, and give its environment."""
    directory, private = await run.directory(), await scratch(run)
    for name, text in task.files().items():
        await asyncio.to_thread(_written, inside(directory, name), text)
    for name, text in task.private_files().items():
        await asyncio.to_thread(_written, private / name, text)
    given = {name: text for name, text in task.environment(private).items() if name not in task.env}
    return await child_environment(task, run, given, container)


def _written(path: Path, text: str) -> None:
    """They may hold passwords, so nobody else can read them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def require_tool(
    task: ToolTask, run: RunContext, env: Mapping[str, str], container: InContainer | None
) -> None:
    """Raise TaskFailed if it runs here, and there is no such program. Commands that come before it may install it."""
    tool = tool_of(str(run.variables["task"]["type"]))
    if tool is None or container is not None or task.before_commands:
        return
    if which(tool.program, path=env.get("PATH", os.defpath)) is None:
        raise TaskFailed(
            f"there is no `{tool.program}` on this worker: install {tool.name} there, install it with `beforeCommands`, "
            f"or give the worker a container engine (it would use the image {task.container_image or tool.image})"
        )
