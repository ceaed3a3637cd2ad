"""``scripts.python.Script`` and ``scripts.python.Commands``: the user's Python, in its own process."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from shlex import quote
from shutil import copytree, ignore_patterns, which

from toccata.plugin import FETCHED_FOLDER, Outputs, RunContext, TaskFailed
from toccata.plugins.families.scripts.run.docker.python import foreign, own_version
from toccata.plugins.families.scripts.run.docker.runner import InContainer, container_for
from toccata.plugins.families.scripts.run.process import Command, Streams, run_process
from toccata.plugins.families.scripts.run.protocol import TooLong
from toccata.plugins.families.scripts.run.script import (
    child_environment,
    run_script,
    shell_argv,
    with_files,
)
from toccata.plugins.families.scripts.types import SHELL, PythonCommands, PythonScript, PythonTask

HELPER_PATH = str(Path(__file__).parent / "path")
"""The folder of the module ``kestra``. It goes last on PYTHONPATH."""
SCRIPT_FILE = "_script.py"
INJECTED = {
    "PYTHONUNBUFFERED": "true",
    "PIP_ROOT_USER_ACTION": "ignore",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
PROGRESS_SECONDS = 10
"""The interval of log lines that report a running installation."""


async def run_text(task: PythonScript, run: RunContext) -> Outputs:
    container = await container_for(task, run)
    directory = await run.directory()
    [text] = await with_files(task, run, [task.script])
    script = directory / SCRIPT_FILE
    script.write_text(text, encoding="utf-8")
    env = await _environment(task, run, container)
    if container is None and task.interpreter == SHELL and not task.before_commands:
        # A shell would only exec this. Leaving it out saves its start.
        return await run_script(task, run, [python(), str(script)], env)
    return await run_script(task, run, shell_argv(task, [f"python {quote(str(script))}"]), env, container)


async def run_commands(task: PythonCommands, run: RunContext) -> Outputs:
    container = await container_for(task, run)
    local = await with_files(task, run, task.commands)
    env = await _environment(task, run, container)
    return await run_script(task, run, shell_argv(task, local), env, container)


def python() -> str:
    """The interpreter that runs Toccata, or otherwise `python3` on the PATH."""
    found = sys.executable or which("python3")
    if not found:
        raise TaskFailed("no Python on this worker: neither its own nor `python3` on the PATH")
    return found


async def _environment(task: PythonTask, run: RunContext, container: InContainer | None) -> dict[str, str]:
    env = await child_environment(task, run, INJECTED, container)
    path = [env["PYTHONPATH"]] if env.get("PYTHONPATH") else []
    if container is not None:
        # Only the working directory goes into the container, so what is installed and our module are there.
        here = await child_environment(task, run, INJECTED)
        installed = [str(await _install(task, run, here, container.image))] if task.dependencies else []
        helper = await run.directory() / FETCHED_FOLDER / "helper"
        await asyncio.to_thread(
            copytree, HELPER_PATH, helper, ignore=ignore_patterns("__pycache__"), dirs_exist_ok=True
        )
        return {**env, "PYTHONPATH": os.pathsep.join([*installed, *path, str(helper)])}
    # Commands find `python` even if the system has only `python3`, or none.
    env["PATH"] = os.pathsep.join(filter(None, [env.get("PATH"), str(Path(python()).parent)]))
    installed = [str(await _install(task, run, env, None))] if task.dependencies else []
    env["PYTHONPATH"] = os.pathsep.join([*installed, *path, HELPER_PATH])
    return env


async def _install(task: PythonTask, run: RunContext, env: dict[str, str], image: str | None) -> Path:
    """Into a folder of the working directory, on the worker. ``image``: for the Python of a container."""
    directory = await run.directory()
    target = directory / FETCHED_FOLDER / "python"
    target.mkdir(parents=True, exist_ok=True)
    uv = which("uv") if task.package_manager == "UV" else None
    front = [uv, "pip", "install", "--python", python()] if uv else [python(), "-m", "pip", "install"]
    other = foreign(task.python_version, image, uses_uv=uv is not None) if image is not None else []
    argv = [*front, *other, "--target", str(target), *task.dependencies]
    wanted = ", ".join(task.dependencies)

    def tell(line: bytes | TooLong) -> None:
        if isinstance(line, TooLong):
            return  # pip prints no outputs
        run.log("DEBUG", line.decode("utf-8", "replace"))

    streams = Streams(tell, tell, room=run.log_room)
    if image is not None and not other:
        run.log(
            "INFO",
            f"The Python of {image} is taken to be the worker's, {own_version()}; `pythonVersion` names another",
        )
    began = time.monotonic()
    run.log("INFO", f"Installing {wanted} with {'uv' if uv else 'pip'}")
    progress = asyncio.create_task(_say_progress(run, wanted))
    try:
        code = await run_process(Command(await run.isolated(argv), directory, env, run.markers), streams)
    finally:
        progress.cancel()
    if code:
        raise TaskFailed(
            f"installing {wanted} failed with exit code {code}; its output is in the log at DEBUG"
        )
    run.log("INFO", f"Installed {wanted} in {time.monotonic() - began:.1f} s")
    return target


async def _say_progress(run: RunContext, wanted: str) -> None:
    seconds = 0
    while True:
        await asyncio.sleep(PROGRESS_SECONDS)
        seconds += PROGRESS_SECONDS
        run.log("INFO", f"Still installing {wanted}, after {seconds} s")
