"""Finds the declarations in modules, by importing them: for the index, and for packages that have none."""

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
    """The message says which, and what is wrong with it."""


def declarations_in(modules: Iterable[str]) -> Iterator[Listed]:
    """Each declaration that is a name of a module, once; one that several modules name, of the module of its properties.

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
        return f"type {declared.name} is a flowable: only the engine has those"
    if isinstance(declared, TriggerType):
        if declared.started_by == "engine":
            return (
                f"trigger type {declared.name} says started_by='engine': only the engine's own triggers may"
            )
        return declared.problem()
    return None
