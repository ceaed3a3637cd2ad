"""``ForEach``: the body in sequence for each value, ``concurrencyLimit`` values at a time (flow-language 4.7)."""

from __future__ import annotations

from typing import Any

import msgspec

from contracts.language.flow.plan import Node
from services.executor.executions.flowable.opening import Opening
from services.executor.executions.place import Place
from services.executor.executions.rendering import RenderingFailed, render, render_nested
from services.executor.executions.state import Group, TaskRun
from services.executor.executions.turn import Turn

VALUES_BYTES = 450_000
"""All values of one loop: they stand in one journal record."""


def opening(turn: Turn, node: Node, run: TaskRun) -> Opening:
    values = as_texts(_resolve(turn, node, run))
    if sum(map(len, values)) > VALUES_BYTES:
        raise RenderingFailed(f"The values of the loop are larger than {VALUES_BYTES:,} characters in all")
    return Opening(values=values, body=tuple(child.task.id for child in node.lists["tasks"]))


def following(owner: TaskRun | None, group: Group, main: tuple[Node, ...]) -> Place | None:
    loop = group.loop
    assert loop is not None
    assert owner is not None
    if loop.waiting:
        iteration, step = next(iter(loop.waiting.items()))
        return Place(main[step], owner, loop.values[iteration], iteration)
    limit = main[0].parent.concurrent if main and main[0].parent is not None else 1
    if main and loop.begun < len(loop.values) and (not limit or loop.open < limit):
        return Place(main[0], owner, loop.values[loop.begun], loop.begun)
    return None


def _resolve(turn: Turn, node: Node, run: TaskRun) -> list[Any]:
    """A text is rendered, then read as JSON; in a list each text is rendered, nested ones too."""
    written = node.values
    if isinstance(written, (list, tuple)):
        return [render_nested(turn, node, run, element) for element in written]
    assert written is not None
    text = render(turn, node, run, written)
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise RenderingFailed(f"The values are not a JSON array: {error}") from error
    if isinstance(found, dict):
        return [{"key": key, "value": value} for key, value in found.items()]
    if not isinstance(found, list):
        raise RenderingFailed(f"The values are not a JSON array but {type(found).__name__}")
    return found


def as_texts(values: list[Any]) -> list[str]:
    """Texts stay, the rest becomes JSON; of duplicates the first is kept."""
    nulls = sum(value is None for value in values)
    if nulls:
        shown = msgspec.json.encode(values).decode()
        raise RenderingFailed(f"Found '{nulls}' null values on Each, with values={shown}")
    texts = (value if isinstance(value, str) else msgspec.json.encode(value).decode() for value in values)
    return list(dict.fromkeys(texts))
