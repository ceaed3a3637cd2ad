"""``git.PushFlows``"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from toccata.files import matches_path
from toccata.plugin import Outputs, RunContext
from toccata.plugins.families.git.run.command import Git, own_namespace
from toccata.plugins.families.git.run.mirror import Content, Write, mirrored
from toccata.plugins.families.git.run.server import Flow, server
from toccata.plugins.families.git.types import PushFlows


async def run(task: PushFlows, run: RunContext) -> Outputs:
    git = await Git.of(task, run)
    namespace = task.source_namespace or own_namespace(run)
    async with server(run, task.kestra_url, task.auth) as there:
        flows = await there.flows(namespace, below=task.include_child_namespaces)
    files: dict[str, Write] = {}
    for flow in flows:
        path = path_of(flow, namespace)
        if task.flows is None or matches_path(flow.id, task.flows) or matches_path(path, task.flows):
            files[path] = _writer(renamed(flow.source, namespace, task.target_namespace))
    message = f"Add flows from {namespace} namespace"
    outputs, uri = await mirrored(git, task, Content(task.git_directory, files, task.flows), message)
    return {**outputs, "flows": uri}


def path_of(flow: Flow, namespace: str) -> str:
    """Namespaces below are folders."""
    below = flow.namespace.removeprefix(namespace).strip(".").replace(".", "/")
    return f"{below}/{flow.id}.yml".lstrip("/")


def renamed(source: str, namespace: str, target: str | None) -> str:
    """The source with another namespace, also where tasks name it."""
    if target is None:
        return source
    pattern = rf"^(\s*namespace:\s*){re.escape(namespace)}(?![\w-])"
    return re.sub(pattern, lambda found: found[1] + target, source, flags=re.MULTILINE)


def _writer(source: str) -> Write:
    async def write(path: Path) -> None:
        await asyncio.to_thread(path.write_text, source, encoding="utf-8")

    return write
