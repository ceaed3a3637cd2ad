"""The parts that all script tasks share: files, environment, and the outcome of an exit code."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Mapping, Sequence
from errno import EACCES, ENOENT
from functools import partial
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from shutil import which
from typing import Any

from toccata.files import (
    copy_namespace_files,
    fetch,
    keep,
    keep_files,
    matching,
    text_of,
    write_files,
)
from toccata.plugin import FETCHED_FOLDER, Level, Outputs, RunContext, TaskFailed, glob_pattern, has_wildcard
from toccata.plugins.families.scripts.run.docker.runner import InContainer, run_in_container
from toccata.plugins.families.scripts.run.process import Command, Streams, run_process
from toccata.plugins.families.scripts.run.protocol import PROTOCOL_LINE_BYTES, TooLong, is_protocol, parse
from toccata.plugins.families.scripts.types import ScriptTask

OUTPUT_FOLDER = "outputs"
_URI = re.compile(r"kestra:///[^\s\"'`;|&<>()]+")


def directory_variables(written: Mapping[str, Any], directory: Path) -> Mapping[str, Any]:
    """Further variables for expressions of a script: ``workingDir``, ``outputDir``, ``outputFiles``."""
    files = written.get("outputFiles")
    names = [n for n in files if isinstance(n, str)] if isinstance(files, list) else []
    return {
        "workingDir": str(directory),
        "outputDir": str(directory / OUTPUT_FOLDER),
        "outputFiles": {n: str(directory / n) for n in names if not has_wildcard(n) and "{" not in n},
    }


def shell_argv(task: ScriptTask, commands: Sequence[str]) -> list[str]:
    """All commands share one shell, so ``cd``, variables and functions stay in effect."""
    if not task.interpreter and not task.before_commands:
        return list(commands)
    first = ["set -e"] if task.fail_fast else []
    return [*task.interpreter, "\n".join([*first, *task.before_commands, *commands])]


async def child_environment(
    task: ScriptTask, run: RunContext, injected: Mapping[str, str], container: InContainer | None = None
) -> dict[str, str]:
    """What the worker lets scripts see of its environment, then the task's, then injected ones. Later ones win. A container has its own
    environment in place of the worker's."""
    given = {name: text_of(value) for name, value in task.env.items() if value is not None}
    own = {} if container is not None else run.environment
    return {**own, **given, "WORKING_DIR": str(await run.directory()), **injected}


async def run_script(  # noqa: PLR0913 - all that a program needs
    task: ScriptTask,
    run: RunContext,
    argv: Sequence[str],
    env: Mapping[str, str],
    container: InContainer | None = None,
    told: Callable[[Level, str], None] | None = None,
) -> Outputs:
    """Run it, keep its output files, and give ScriptOutputs or fail with them. ``with_files`` must have written its files. ``told`` gets
    its lines in place of the log, but for those of the protocol."""
    directory = await run.directory()
    if task.output_directory:
        (directory / OUTPUT_FOLDER).mkdir(exist_ok=True)
        env = {**env, "OUTPUT_DIR": str(directory / OUTPUT_FOLDER)}
    found: dict[str, Any] = {}
    refused: list[str] = []
    streams = Streams(
        partial(_say, run, told or run.log, found, refused, "INFO"),
        partial(_say, run, told or run.log, found, refused, "ERROR"),
        room=run.log_room,
    )
    if container is None:
        code, where = await _run_here(run, argv, env, streams), {}
    else:
        ended = await run_in_container(container, run, argv, env, streams)
        code, where = ended.code, {"taskRunner": {"containerId": ended.container_id}}
    files = await _keep_files(task, run, directory)
    outputs = {"vars": found, "exitCode": code, "outputFiles": files, **where}
    if code:
        raise TaskFailed(f"Command failed with exit code {code}", outputs)
    if refused:
        raise TaskFailed(refused[0], outputs)
    return outputs


async def _run_here(run: RunContext, argv: Sequence[str], env: Mapping[str, str], streams: Streams) -> int:
    directory = await run.directory()
    try:
        require_program(argv, directory, env)
        return await run_process(Command(await run.isolated(argv), directory, env, run.markers), streams)
    except OSError as error:
        raise TaskFailed(
            f"cannot start {argv[0] if argv else 'nothing'}: {error.strerror or error}"
        ) from None


def require_program(argv: Sequence[str], directory: Path, env: Mapping[str, str]) -> None:
    """Raises OSError as a start would. An isolated command starts another program first, so its error would name that one."""
    name = argv[0] if argv else ""
    if "/" in name:
        file = directory / name
        if not file.exists():
            raise FileNotFoundError(ENOENT, os.strerror(ENOENT))
        if file.is_dir() or not os.access(file, os.X_OK):
            raise PermissionError(EACCES, os.strerror(EACCES))
    elif not name or which(name, path=env.get("PATH", os.defpath)) is None:
        raise FileNotFoundError(ENOENT, os.strerror(ENOENT))


async def with_files(task: ScriptTask, run: RunContext, texts: Sequence[str]) -> list[str]:
    """Write files of namespaces and input files, and give the texts (commands or scripts) with local paths for URIs of internal storage."""
    await copy_namespace_files(run, task.namespace_files)
    await write_files(run, task.input_files)
    return [await _with_local_files(run, text) for text in texts]


async def _with_local_files(run: RunContext, text: str) -> str:
    if "kestra:///" not in text:
        return text
    directory = await run.directory() / FETCHED_FOLDER
    directory.mkdir(exist_ok=True)
    for uri in dict.fromkeys(_URI.findall(text)):
        name = blake2b(uri.encode(), digest_size=6).hexdigest() + "-" + PurePosixPath(uri).name
        await fetch(run, uri, directory / name)
        text = text.replace(uri, str(directory / name))
    return text


def _say(  # noqa: PLR0913 - all that one line may change
    run: RunContext,
    told: Callable[[Level, str], None],
    found: dict[str, Any],
    refused: list[str],
    level: Level,
    line: bytes | TooLong,
) -> None:
    if isinstance(line, TooLong):
        refused.append(
            f"a line with outputs has {line.size:,} bytes, the limit is {PROTOCOL_LINE_BYTES:,}: write large values to files"
        )
        return
    line = line.removesuffix(b"\r")
    if not is_protocol(line):
        told(level, line.decode("utf-8", "replace"))
        return
    said = parse(line)
    found.update(said.outputs)
    try:
        found.update({name: run.encrypted(text) for name, text in said.encrypted.items()})
    except TaskFailed as error:
        refused.append(error.message)
    for metric in said.metrics:
        run.metric(metric.kind, metric.name, metric.value, metric.tags)
    for said_level, message in said.logs:
        run.log(said_level, message)
    for problem in said.problems:
        run.log("WARN", problem)


async def _keep_files(task: ScriptTask, run: RunContext, directory: Path) -> dict[str, str]:
    kept = await keep_files(run, task.output_files)
    if task.output_directory:
        folder = directory / OUTPUT_FOLDER
        found = await asyncio.to_thread(matching, folder, [glob_pattern("**")])
        kept |= {name: await keep(run, path) for name, path in found}
    return kept
