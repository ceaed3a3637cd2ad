"""Scripts and commands of the languages in ``languages``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from shlex import quote
from shutil import which

from toccata.plugin import Outputs, RunContext, TaskFailed
from toccata.plugins.families.scripts.languages import (
    LANGUAGES,
    JBangScript,
    Language,
    LanguageCommands,
    LanguageScript,
    package_of,
)
from toccata.plugins.families.scripts.run.docker.runner import container_for
from toccata.plugins.families.scripts.run.script import child_environment, run_script, shell_argv, with_files

SCRIPT_FILE = "_script"
_POWERSHELL = "powershell"


async def run_text(task: LanguageScript, run: RunContext) -> Outputs:
    package = _package(run)
    language = LANGUAGES[package]
    container = await container_for(task, run)
    [text] = await with_files(task, run, [task.script])
    ending, argv = language.ending, language.argv
    if isinstance(task, JBangScript):
        ending, argv = task.extension, (*argv, *(["--quiet"] if task.quiet else []))
    file = await run.directory() / f"{SCRIPT_FILE}{ending}"
    file.write_text(text, encoding="utf-8")
    env = await child_environment(task, run, {}, container)
    line = f"& {quote(str(file))}" if package == _POWERSHELL else " ".join(map(quote, [*argv, str(file)]))
    if container is None and not task.before_commands:  # they may install it
        _require(language, env)
    return await run_script(task, run, _argv(task, package, [line]), env, container)


async def run_commands(task: LanguageCommands, run: RunContext) -> Outputs:
    container = await container_for(task, run)
    local = await with_files(task, run, task.commands)
    env = await child_environment(task, run, {}, container)
    return await run_script(task, run, _argv(task, _package(run), local), env, container)


def _package(run: RunContext) -> str:
    return package_of(str(run.variables["task"]["type"]))


def _argv(task: LanguageScript | LanguageCommands, package: str, commands: list[str]) -> list[str]:
    """PowerShell has another line that stops at the first failure."""
    if package != _POWERSHELL:
        return shell_argv(task, commands)
    first = ["$ErrorActionPreference = 'Stop'"] if task.fail_fast else []
    return [*task.interpreter, "\n".join([*first, *task.before_commands, *commands])]


def _require(language: Language, env: Mapping[str, str]) -> None:
    program = language.argv[0]
    if which(program, path=env.get("PATH", os.defpath)) is None:
        raise TaskFailed(
            f"there is no `{program}` on this worker: install {language.title} there, or send the task to workers that have it "
            "with `workerGroup`"
        )
