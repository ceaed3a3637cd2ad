"""Finds declarations by importing modules: for writing an index, and for packages without one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from types import ModuleType
from typing import NamedTuple

from contracts.language.types.declaration import FlowableType
from toccata.plugin import Declaration, TriggerType
from toccata.plugins.host.entry import Entry, entry_of


class Listed(NamedTuple):
    entry: Entry
    declared: Declaration


class BadDeclaration(Exception):
    """The message says which declaration is wrong, and how."""


def declarations_in(modules: Iterable[str]) -> Iterator[Listed]:
    """Each declaration once. If several modules hold the same one, it belongs to the module of its properties.

    Raises BadDeclaration."""
    found: dict[str, tuple[Declaration, str, str]] = {}
    for module in [import_module(name) for name in modules]:
        for attribute, declared in _named(module):
            before = found.get(declared.name)
            if before is not None and before[0] is not declared:
                raise BadDeclaration(
                    f"type {declared.name} is declared twice, in {before[1]} and {module.__name__}"
                )
            if before is None or declared.properties.__module__ == module.__name__:
                found[declared.name] = (declared, module.__name__, attribute)
    for declared, module_name, attribute in found.values():
        yield listed(declared, module_name, attribute)


def listed(declared: Declaration, module: str, attribute: str) -> Listed:
    """Raises BadDeclaration."""
    problem = _problem(declared)
    if problem:
        raise BadDeclaration(problem)
    return Listed(entry_of(declared, module, attribute), declared)


def _named(module: ModuleType) -> Iterator[tuple[str, Declaration]]:
    for attribute, value in sorted(vars(module).items()):
        if isinstance(value, Declaration):
            yield attribute, value


def _problem(declared: Declaration) -> str | None:
    if isinstance(declared, FlowableType):
        return f"type {declared.name} is a flowable: only the engine may declare flowables"
    if isinstance(declared, TriggerType):
        if declared.started_by == "engine":
            return f"trigger type {declared.name} says started_by='engine': only the engine's own triggers may say so"
        return declared.problem()
    return None
