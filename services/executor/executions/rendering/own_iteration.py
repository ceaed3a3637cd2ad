"""Finds templates that only read outputs of their own iteration: ``outputs.x[taskrun.value]``, ``currentEachOutput(outputs.x)``.
Without this every attempt in a loop would carry the outputs of all earlier iterations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from contracts.language.expression import node as n
from contracts.language.expression.parser import parse

ALL_LEVELS = 64
"""Loops are not nested deeper than this."""
_OWN_VALUES = frozenset(
    {("taskrun", "value"), ("parent", "taskrun", "value"), ("parents", "taskrun", "value")}
)

_OWN_OUTPUT = frozenset({"currentEachOutput", "currentOutput"})


@dataclass(slots=True)
class _Found:
    levels: dict[str, int]

    def note(self, task_id: str, levels: int) -> None:
        self.levels[task_id] = min(levels, self.levels.get(task_id, ALL_LEVELS))


def own_levels(texts: Iterable[str]) -> Mapping[str, int]:
    """Return by task id at how many levels of loops, from the outermost, only the run's own values are read."""
    found = _Found({})
    for text in texts:
        if "{%" in text:  # a tag may give names another meaning
            found.levels = dict.fromkeys([*found.levels, *_mentioned(text)], 0)
        elif "{{" in text:
            for statement in parse(text).body:
                _walk(statement, found)
    return {task_id: levels for task_id, levels in found.levels.items() if levels}


def _mentioned(text: str) -> Iterable[str]:
    found = _Found({})
    for statement in parse(text).body:
        _walk(statement, found)
    return found.levels


def _walk(item: Any, found: _Found) -> None:
    if isinstance(item, n.Attribute):
        root, keys = _links(item)
        if isinstance(root, n.Name) and root.name == "outputs" and _text(keys[0]) is not None:
            found.note(str(_text(keys[0])), _leading_own(keys[1:]))
        else:
            _walk(root, found)
        for key in keys:
            _walk(key, found)
    elif isinstance(item, n.Call) and item.name in _OWN_OUTPUT:
        for argument in item.arguments.positional:
            if isinstance(argument, n.Attribute) and len(_links(argument)[1]) == 1:
                root, keys = _links(argument)
                if isinstance(root, n.Name) and root.name == "outputs" and _text(keys[0]) is not None:
                    found.note(str(_text(keys[0])), ALL_LEVELS)
                    continue
            _walk(argument, found)
    elif isinstance(item, (tuple, list)):
        for part in item:
            _walk(part, found)
    elif is_dataclass(item):
        for part in fields(item):
            _walk(getattr(item, part.name), found)


def _links(item: n.Attribute) -> tuple[Any, list[Any]]:
    """Return the start of the chain, and its keys from left to right."""
    keys: list[Any] = []
    target: Any = item
    while isinstance(target, n.Attribute):
        keys.append(target.key)
        target = target.target
    keys.reverse()
    return target, keys


def _text(key: Any) -> str | None:
    value = getattr(key, "value", None) if isinstance(key, n.Constant) else None
    return value if isinstance(value, str) else None


def _leading_own(keys: list[Any]) -> int:
    count = 0
    for key in keys:
        if not isinstance(key, n.Attribute) or not _is_own_value(key):
            break
        count += 1
    return count


def _is_own_value(key: n.Attribute) -> bool:
    root, keys = _links(key)
    if not isinstance(root, n.Name):
        return False
    names = [root.name, *(_text(each) for each in keys if not _is_index(each))]
    return tuple(names) in _OWN_VALUES


def _is_index(key: Any) -> bool:
    return isinstance(key, n.Constant) and isinstance(key.value, int)
