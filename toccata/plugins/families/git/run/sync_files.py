"""``git.SyncNamespaceFiles``"""

from __future__ import annotations

import asyncio
from typing import Any

from toccata.plugin import Outputs, RunContext, scratch, stored
from toccata.plugins.families.git.run.command import Git, own_namespace
from toccata.plugins.families.git.run.tree import tree
from toccata.plugins.families.git.types import SyncNamespaceFiles
from toccata.rows.write import write_rows


async def run(task: SyncNamespaceFiles, run: RunContext) -> Outputs:
    git = await Git.of(task, run)
    wanted = await tree(git, task, task.git_directory, deep=True)
    namespace = task.namespace or own_namespace(run)
    before = set(await run.files.paths(namespace))
    rows: list[dict[str, Any]] = []
    if task.delete:
        for path in sorted(before - {f"/{name}" for name in wanted}):
            rows.append({"syncState": "DELETED", "kestraPath": path})
            if not task.dry_run:
                await run.files.delete(path, namespace)
    for name, file in wanted.items():
        state = "OVERWRITTEN" if f"/{name}" in before else "ADDED"
        rows.append(
            {
                "gitPath": f"{task.git_directory.strip('/')}/{name}",
                "syncState": state,
                "kestraPath": f"/{name}",
            }
        )
        if not task.dry_run:
            await run.files.put(f"/{name}", file, namespace)
    return {"files": await rows_file(run, rows)}


async def rows_file(run: RunContext, rows: list[dict[str, Any]]) -> str:
    """URI of a file with these rows."""
    path = await scratch(run) / "rows"
    with await asyncio.to_thread(path.open, "wb") as out:
        write_rows(out, rows)
    return await stored(run, path, ".ion")
