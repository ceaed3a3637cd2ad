"""``dbt.cli.*``: dbt's lines into the log, and its results into output files."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from toccata.files import inside, keep
from toccata.plugin import KeyMissing, Level, NotJson, Outputs, RunContext, TaskFailed, read_json, write_json
from toccata.plugins.families.scripts.dbt import DbtCommands, DbtRun, DbtTask, Setup
from toccata.plugins.families.scripts.run.docker.runner import container_for
from toccata.plugins.families.scripts.run.python import python
from toccata.plugins.families.scripts.run.script import run_script, shell_argv, with_files
from toccata.plugins.families.scripts.run.tool import prepared, require_tool

_LEVELS: dict[str, Level] = {"debug": "DEBUG", "info": "INFO", "warn": "WARN", "error": "ERROR"}


class Lines:
    """Reads what dbt prints: JSON with a level and a message, and at the end numbers."""

    def __init__(self, run: RunContext) -> None:
        self._run = run
        self.warned = False

    def __call__(self, level: Level, text: str) -> None:
        try:
            said = read_json(text) if text.startswith("{") else None
        except NotJson:
            said = None
        info = said.get("info", said) if isinstance(said, dict) else None
        if not isinstance(info, dict) or "msg" not in info:
            self._run.log(level, text)
            return
        own = _LEVELS.get(str(info.get("level")), level)
        if own == "WARN":
            self.warned = True
            self._run.warn(str(info["msg"]))
        elif str(info["msg"]).strip():
            self._run.log(own, str(info["msg"]))
        data = said.get("data") if isinstance(said, dict) else None
        for name, value in (data.get("stats") or {}).items() if isinstance(data, dict) else ():
            if isinstance(value, int | float):
                self._run.metric("counter", name, value)


async def run_commands(task: DbtCommands, run: RunContext) -> Outputs:
    if task.load_manifest is not None:
        wanted = task.load_manifest
        try:
            manifest = await run.values.get(wanted.key, wanted.namespace)
        except KeyMissing as missing:
            raise TaskFailed(f"loadManifest: {missing.message}") from None
        text = manifest if isinstance(manifest, str) else write_json(manifest).decode()
        await asyncio.to_thread(
            inside(await run.directory(), "manifest.json").write_text, text, encoding="utf-8"
        )
    outputs = await _ran(task, run)
    if task.store_manifest is not None:
        file = await _target(task, run) / "manifest.json"
        if not await asyncio.to_thread(file.exists):
            raise TaskFailed("storeManifest: dbt wrote no target/manifest.json", outputs)
        value = read_json(await asyncio.to_thread(file.read_bytes))
        await run.values.set(task.store_manifest.key, value, task.store_manifest.namespace)
    return outputs


async def run_dbt(task: DbtRun, run: RunContext) -> Outputs:
    return await _ran(task, run)


async def _ran(task: DbtTask, run: RunContext) -> dict[str, Any]:
    """The results are kept also if dbt failed."""
    container = await container_for(task, run)
    lines = await with_files(task, run, task.lines())
    env = await prepared(task, run, container)
    if not (isinstance(task, DbtRun) and (await run.directory() / task.dbt_path).exists()):
        require_tool(task, run, env, container)
    said = Lines(run)
    try:
        outputs = dict(await run_script(task, run, shell_argv(task, lines), env, container, said))
    except TaskFailed as failed:
        raise TaskFailed(failed.message, await _with_results(task, run, failed.outputs)) from None
    outputs = await _with_results(task, run, outputs)
    return {**outputs, **({"warningDetected": True} if said.warned else {})}


async def _with_results(task: DbtTask, run: RunContext, outputs: Outputs) -> dict[str, Any]:
    names = ["manifest.json", *(["run_results.json"] if task.parse_run_results else [])]
    files = dict(outputs.get("outputFiles") or {})
    for name in names:
        file = await _target(task, run) / name
        if await asyncio.to_thread(file.exists):
            files[name] = await keep(run, file)
    return {**outputs, "outputFiles": files}


async def _target(task: DbtTask, run: RunContext) -> Path:
    return inside(await run.directory(), f"{task.project_dir or '.'}/target")


async def run_setup(task: Setup, run: RunContext) -> Outputs:
    container = await container_for(task, run)
    given = task
    if container is None and task.python_path == "python":
        given = task.model_copy(update={"python_path": python()})
    lines = await with_files(given, run, given.lines())
    env = await prepared(given, run, container)
    return await run_script(given, run, shell_argv(given, lines), env, container)
