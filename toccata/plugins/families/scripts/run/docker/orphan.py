"""Containers that dead workers left running."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from toccata.plugin import ContainerRules, TaskFailed
from toccata.plugins.families.scripts.run.docker.container import (
    ENDING,
    WORKER,
    Found,
    containers,
    name_of,
    removed,
)
from toccata.plugins.families.scripts.run.docker.engine import EngineAway, opened


async def left_by(rules: ContainerRules, folder: str) -> list[Found]:
    """What the worker of a folder left on this engine. Ask before another worker begins in the folder, because it makes its own there.
    Empty if the engine cannot be reached: then it all stays."""
    if rules.host:
        with suppress(EngineAway, TaskFailed):
            async with opened(rules.host, rules.certificates) as engine:
                return await containers(engine, {WORKER: folder})
    return []


async def remove_left(rules: ContainerRules, left: Sequence[Found], *, also_resumable: bool) -> int:
    """Stop and remove them, and give how many there were. One that another attempt may take over is spared at first: come again with
    ``also_resumable``, and what was taken over by then is spared for good."""
    count = 0
    with suppress(EngineAway, TaskFailed):
        async with opened(rules.host, rules.certificates) as engine:
            for folder in sorted({each.labels[WORKER] for each in left}):
                known = {each.id for each in left if each.labels[WORKER] == folder}
                for found in await containers(engine, {WORKER: folder}):
                    if found.id in known and _is_left(found, also_resumable=also_resumable):
                        await removed(engine, found.id)
                        count += 1
    return count


def _is_left(found: Found, *, also_resumable: bool) -> bool:
    if found.name.endswith(ENDING):
        return True
    # Another name is that of an attempt on a living worker, or of a container that its flow keeps.
    return found.name == name_of(found.labels) and (also_resumable or not found.can_go_on)
