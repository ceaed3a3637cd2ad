"""Finds what a tree refers to, without rendering it. An attempt then carries only the values that its templates need."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.language.expression import node as n

_SEES_EVERYTHING = frozenset({"printContext", "fetchContext", "render", "renderOnce"})
_READS = {
    "currentEachOutput": (("parents",), ("taskrun",)),
    "currentOutput": (("parents",), ("taskrun",)),
    "iterationOutput": (("parents",), ("taskrun",), ("task",), ("outputs",)),
    "parentOutput": (("parents",),),
    "tasksWithState": (("tasks",),),
    "errorLogs": (("errorLogs",),),
    "env": (("envs",),),
}


@dataclass(slots=True)
class References:
    paths: set[tuple[str, ...]] = field(default_factory=set)
    """The longest static paths. A computed subscript ends one."""
    calls: set[str] = field(default_factory=set)
    whole: bool = False
    """True if the template may read anything, because its reads cannot be known."""


def references(tree: n.Tree) -> References:
    found = References()
    for statement in tree.body:
        _walk(statement, found)
    return found


def _walk(item: object, found: References) -> None:
    match item:
        case n.Name(name):
            found.paths.add((name,))
        case n.Attribute():
            path, rest = _path(item)
            if path:
                found.paths.add(path)
            for expression in rest:
                _walk(expression, found)
        case n.Call(name):
            found.calls.add(name)
            found.whole = found.whole or name in _SEES_EVERYTHING
            found.paths.update(_READS.get(name, ()))
            _walk(item.arguments, found)
        case _:
            for part in n.parts_of(item):
                _walk(part, found)


def _path(item: n.Attribute) -> tuple[tuple[str, ...], list[n.Expression]]:
    """Return the static path from a name, and the other expressions to walk."""
    chain: list[n.Attribute] = []
    target: n.Expression = item
    while isinstance(target, n.Attribute):
        chain.append(target)
        target = target.target
    rest: list[n.Expression] = [link.key for link in chain if not isinstance(link.key, n.Constant)]
    if not isinstance(target, n.Name):
        return (), [target, *rest]
    path = [target.name]
    for link in reversed(chain):
        if not isinstance(link.key, n.Constant) or not isinstance(link.key.value, str):
            break
        path.append(link.key.value)
    return tuple(path), rest
