"""Which variables a task's texts can reach. Its attempts carry only those."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from contracts.language.expression import node
from contracts.language.expression.parser import parse
from contracts.language.expression.presence import has_expression
from contracts.language.expression.template import Template, compile_template
from contracts.language.flow.template_check import texts_in
from contracts.sized_cache import SizedCache

VariablePath: TypeAlias = tuple[str, ...]
Needs: TypeAlias = "frozenset[VariablePath] | None"
"""Paths of variables. Each includes everything below it; None means everything."""

_TELLER: VariablePath = ("trigger", "executionId")
_TOLD: frozenset[VariablePath] = frozenset(("trigger", name) for name in ("namespace", "flowId", "state"))
"""Whoever names the execution that triggered this one wants to tell what it was: a notification, say."""
_RENDERING = frozenset({"render", "renderOnce"})


def paths_needed(texts: Iterable[str], variables: Mapping[str, object]) -> Needs:
    """Return the needs of these texts and of the flow variables that they name. A text from an input or an output that is
    rendered in turn reaches nothing more."""
    paths: set[VariablePath] = set()
    followed: set[VariablePath] = set()
    waiting = list(texts)
    while waiting:
        found = _paths_in(waiting)
        if found is None:
            return None
        paths |= found
        waiting = []
        for path in found - followed:
            followed.add(path)
            if path[0] == "vars":
                waiting += [text for _, text in texts_in(_written(variables, path[1:]))]
    return frozenset(paths)


def _paths_in(texts: Iterable[str]) -> set[VariablePath] | None:
    paths: set[VariablePath] = set()
    for text in texts:
        if has_expression(text):
            template = compile_template(text)
            if template.whole and not _renders_only_variables(template):
                return None
            paths |= template.paths
    return paths | _TOLD if _TELLER in paths else paths


def _renders_only_variables(template: Template) -> bool:
    """Whether it renders only flow variables, whose texts are known, and needs nothing else that is unknown."""
    return template.calls.isdisjoint({"printContext", "fetchContext"}) and _RENDERED.of(template.source)


def _variables_rendered(source: str) -> bool:
    return all(
        call.name not in _RENDERING
        or (bool(call.arguments.positional) and _is_variable(call.arguments.positional[0]))
        for call in _calls(parse(source))
    )


_RENDERED = SizedCache(4_194_304, _variables_rendered, lambda source, _: 200 + 4 * len(source))


def _is_variable(expression: node.Expression) -> bool:
    if not isinstance(expression, node.Attribute):
        return False
    while isinstance(expression, node.Attribute):
        expression = expression.target
    return isinstance(expression, node.Name) and expression.name == "vars"


def _calls(item: object) -> Iterator[node.Call]:
    if isinstance(item, node.Call):
        yield item
    for part in node.parts_of(item):
        yield from _calls(part)


def _written(variables: Mapping[str, object], path: VariablePath) -> object:
    """Return the value at that path, or the nearest written value above it."""
    current: object = variables
    for step in path:
        if not isinstance(current, Mapping):
            return current
        if step not in current:
            return None
        current = current[step]
    return current
