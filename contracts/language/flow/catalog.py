"""What a flow's validation must know of task and trigger types, and the types that the engine itself is made of.
The plugins' own declarations stand behind the protocol; nothing here imports one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from contracts.language.flow.violation import Violation
from contracts.language.types.declaration import Declaration, FlowableType
from contracts.language.types.index import FLOWABLES, TRIGGERS
from contracts.language.types.property import is_dynamic

TypeKind = Literal[
    "runnable", "flowable", "executable", "updating", "trigger", "runner", "condition", "other"
]

TASK_KINDS: frozenset[TypeKind] = frozenset({"runnable", "flowable", "executable", "updating"})


@dataclass(frozen=True, slots=True)
class TypeInfo:
    name: str
    """Canonical."""
    kind: TypeKind
    deprecated_by: str | None = None
    """The successor to name in a deprecation."""
    properties: frozenset[str] | None = None
    """Names that the type accepts besides the common ones; None = unknown. Others that come from plugin defaults
    are dropped."""
    static: frozenset[str] = frozenset()
    """Properties that are never rendered: their braces are no expressions."""


class Catalog(Protocol):
    """Total and pure: no import of a plugin's implementation, no IO."""

    def resolve(self, type_name: str) -> TypeInfo | None:
        """None for a name that is neither a type nor an alias of one."""

    def check(self, type_name: str, properties: Mapping[str, object]) -> Sequence[Violation]:
        """Problems of the type-specific properties, ``path`` relative to them; those of the kind ``warning`` refuse
        nothing. Expressions are let pass where the property is dynamic. Never called for ``CORE_TYPES``."""

    def names(self) -> Iterable[str]:
        """Every name that resolves, for suggestions."""


_OLD_PACKAGES = (
    ("io.kestra.core.models.triggers.types.", "io.kestra.plugin.core.trigger."),
    ("io.kestra.core.models.conditions.types.", "io.kestra.plugin.core.condition."),
    ("io.kestra.core.tasks.debugs.", "io.kestra.plugin.core.debug."),
    ("io.kestra.core.tasks.executions.", "io.kestra.plugin.core.execution."),
    ("io.kestra.core.tasks.flows.", "io.kestra.plugin.core.flow."),
    ("io.kestra.core.tasks.log.", "io.kestra.plugin.core.log."),
    ("io.kestra.core.tasks.outputs.", "io.kestra.plugin.core.output."),
    ("io.kestra.core.tasks.states.", "io.kestra.plugin.core.state."),
    ("io.kestra.core.tasks.storages.", "io.kestra.plugin.core.storage."),
    ("io.kestra.core.tasks.templating.", "io.kestra.plugin.core.templating."),
    ("io.kestra.core.tasks.trigger.", "io.kestra.plugin.core.trigger."),
)


def type_infos(declared: Declaration, kind: TypeKind) -> Iterator[tuple[str, TypeInfo]]:
    """Under each name that is accepted for the type."""
    fields = declared.properties.model_fields
    names = {info.alias or name: is_dynamic(info) for name, info in fields.items()}
    slots = declared.slots if isinstance(declared, FlowableType) else ()
    static = frozenset(name for name, dynamic in names.items() if not dynamic)
    info = TypeInfo(declared.name, kind, declared.deprecated_by, frozenset({*names, *slots}), static)
    yield declared.name, info
    for alias in declared.aliases:
        yield alias, replace(info, deprecated_by=declared.name)


def _core_types() -> dict[str, TypeInfo]:
    flowables = (type_infos(each, "flowable") for each in FLOWABLES.values())
    triggers = (type_infos(each, "trigger") for each in TRIGGERS.values())
    return {name: info for infos in (*flowables, *triggers) for name, info in infos}


CORE_TYPES: Mapping[str, TypeInfo] = _core_types()
"""Every accepted name of the types that the executor's and the trigger-listener's cores run themselves."""


def modern_name(type_name: str) -> str:
    """The present name of a core type that is written with its package of before 0.17."""
    for old, new in _OLD_PACKAGES:
        if type_name.startswith(old):
            return new + type_name.removeprefix(old)
    return type_name


def resolve_type(type_name: str, catalog: Catalog | None) -> TypeInfo | None:
    """Of the core or of the catalog. Without a catalog every name is taken for a runnable task of that name."""
    core = CORE_TYPES.get(type_name)
    if core is not None:
        return core
    if not type_name:
        return None
    if catalog is None:
        return TypeInfo(modern_name(type_name), "other")
    found = catalog.resolve(type_name)
    if found is None and (modern := modern_name(type_name)) != type_name:
        found = catalog.resolve(modern)
    return found


def canonical_name(name: str, catalog: Catalog | None) -> str:
    """For matching plugin defaults: the canonical name of a type; a prefix stays a prefix."""
    core = CORE_TYPES.get(name)
    if core is not None:
        return core.name
    found = catalog.resolve(name) if catalog is not None else None
    return found.name if found is not None else modern_name(name)
