"""``git.SyncFlows`` and ``git.SyncFlow``"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from toccata.plugin import Outputs, RunContext, TaskFailed
from toccata.plugins.families.git.run.clone import folder_of, working_copy
from toccata.plugins.families.git.run.command import Git
from toccata.plugins.families.git.run.server import Flow, Server, server
from toccata.plugins.families.git.run.sync_files import rows_file
from toccata.plugins.families.git.run.tree import tree
from toccata.plugins.families.git.types import SyncFlow, SyncFlows

_NAMESPACE = re.compile(r"^namespace:[^\n]*$", re.MULTILINE)
_ENDINGS = (".yml", ".yaml")
_MOST_BYTES = 10 * 1024 * 1024


async def run(task: SyncFlows, run: RunContext) -> Outputs:
    git = await Git.of(task, run)
    files = await tree(git, task, task.git_directory, deep=task.include_child_namespaces)
    rows: list[dict[str, Any]] = []
    seen: set[tuple[str, str]] = set()
    async with server(run, task.kestra_url, task.auth) as there:
        flows = await there.flows(task.target_namespace, below=task.include_child_namespaces)
        before = {(each.namespace, each.id): each for each in flows}
        for name, path in files.items():
            if not name.endswith(_ENDINGS):
                continue
            namespace = ".".join([task.target_namespace, *PurePosixPath(name).parent.parts])
            source, flow_id = await _read(path, name, namespace)
            seen.add((namespace, flow_id))
            known = before.get((namespace, flow_id))
            saved = await _saved(there, task, run, source, known)
            if saved is not None:
                rows.append(_row(saved, known, f"{task.git_directory.strip('/')}/{name}"))
        if task.delete:
            gone = [flow for key, flow in before.items() if key not in seen and not _is_own(flow, run)]
            rows = [_row(flow, flow, None) for flow in gone] + rows
            for flow in [] if task.dry_run else gone:
                await there.delete(flow)
    return {"flows": await rows_file(run, rows)}


async def _saved(
    there: Server, task: SyncFlows, run: RunContext, source: str, known: Flow | None
) -> Flow | None:
    """The flow as it is or would be saved. None if it is left out."""
    try:
        return await _written(there, source, known, dry=task.dry_run)
    except TaskFailed as failure:
        if not task.ignore_invalid_flows:
            raise
        run.log("WARN", f"A flow is left out: {failure.message}")
        return None


async def _written(there: Server, source: str, known: Flow | None, *, dry: bool) -> Flow:
    if known is not None and known.source.strip() == source.strip():
        return known
    if not dry:
        return await there.save(source, known)
    problem = await there.problem(source)
    written = yaml.safe_load(source)
    if problem is not None:
        raise TaskFailed(f"flow `{written.get('id')}` is not valid: {problem}")
    if known is None:
        return Flow(written["namespace"], written["id"], 1, source)
    return Flow(known.namespace, known.id, known.revision + 1, source)


async def _read(path: Path, name: str, namespace: str) -> tuple[str, str]:
    """The source with this namespace, and the flow's id. Raise TaskFailed."""
    try:
        text = (await asyncio.to_thread(_start_of, path)).decode()
        source = _NAMESPACE.sub(lambda found: f"namespace: {namespace}", text, count=1).rstrip()
        flow_id = yaml.safe_load(source)["id"]
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise TaskFailed(f"{name}: is no flow: {type(error).__name__}: {error}") from None
    return source, str(flow_id)


def _start_of(path: Path) -> bytes:
    """The server refuses what is longer."""
    with path.open("rb") as file:
        return file.read(_MOST_BYTES)


def _row(flow: Flow, known: Flow | None, path: str | None) -> dict[str, Any]:
    if path is None:
        state = "DELETED"
    elif known is None:
        state = "ADDED"
    else:
        state = "UNCHANGED" if known.revision == flow.revision else "UPDATED"
    row = {"syncState": state, "flowId": flow.id, "namespace": flow.namespace, "revision": flow.revision}
    return row if path is None else {"gitPath": path, **row}


def _is_own(flow: Flow, run: RunContext) -> bool:
    """A flow does not delete itself."""
    own = run.variables.get("flow") or {}
    return (flow.namespace, flow.id) == (own.get("namespace"), own.get("id"))


async def one(task: SyncFlow, run: RunContext) -> Outputs:
    git = await Git.of(task, run)
    root = await working_copy(git, task, task.branch, create=False)
    path = folder_of(root, task.flow_path)
    if not await asyncio.to_thread(path.is_file):
        raise TaskFailed(f"flowPath: the repository has no file `{task.flow_path}`")
    source, flow_id = await _read(path, task.flow_path, task.target_namespace)
    async with server(run, task.kestra_url, task.auth) as there:
        flows = await there.flows(task.target_namespace, below=False)
        known = next((each for each in flows if each.id == flow_id), None)
        saved = await _written(there, source, known, dry=task.dry_run)
    return {"flowId": saved.id, "namespace": saved.namespace, "revision": saved.revision}
