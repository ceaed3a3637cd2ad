"""Task and trigger types, as a flow's validation needs them, and the engine's own types.
Plugins' declarations are behind the protocol; nothing here imports one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from contracts.language.flow.violation import Violation
from contracts.language.types.declaration import Declaration, FlowableType, StartedBy, TriggerType
from contracts.language.types.index import FLOWABLES, TRIGGERS
from contracts.language.types.property import is_dynamic

TypeKind = Literal[
    "runnable", "flowable", "executable", "updating", "trigger", "runner", "condition", "other"
]

TASK_KINDS: frozenset[TypeKind] = frozenset({"runnable", "flowable", "executable", "updating"})


@dataclass(frozen=True, slots=True)
class TypeInfo:
    name: str
    """The canonical name."""
    kind: TypeKind
    deprecated_by: str | None = None
    """The successor that a deprecation names."""
    properties: frozenset[str] | None = None
    """Names that the type accepts besides the common ones; None means unknown. Other names are dropped if they come from
    plugin defaults."""
    static: frozenset[str] = frozenset()
    """Properties that are never rendered. Their braces are not expressions."""
    started_by: StartedBy | None = None
    """Of a trigger."""


class Catalog(Protocol):
    """Total and pure: it does not import a plugin's implementation, and does no IO."""

    def resolve(self, type_name: str) -> TypeInfo | None:
        """Return the type, or None if the name is neither a type nor an alias."""

    def check(self, type_name: str, properties: Mapping[str, object]) -> Sequence[Violation]:
        """Return problems of the type's own properties, with ``path`` relative to them. Those of the kind ``warning`` refuse
        nothing. Expressions pass if the property is dynamic. Never called for ``CORE_TYPES``."""

    def names(self) -> Iterable[str]:
        """Return every name that resolves, for suggestions."""


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
    """Yield the type under each accepted name."""
    fields = declared.properties.model_fields
    names = {info.alias or name: is_dynamic(info) for name, info in fields.items()}
    slots = declared.slots if isinstance(declared, FlowableType) else ()
    static = frozenset(name for name, dynamic in names.items() if not dynamic)
    way = declared.started_by if isinstance(declared, TriggerType) else None
    info = TypeInfo(declared.name, kind, declared.deprecated_by, frozenset({*names, *slots}), static, way)
    yield declared.name, info
    for alias in declared.aliases:
        yield alias, replace(info, deprecated_by=declared.name)


def _core_types() -> dict[str, TypeInfo]:
    flowables = (type_infos(each, "flowable") for each in FLOWABLES.values())
    triggers = (type_infos(each, "trigger") for each in TRIGGERS.values())
    return {name: info for infos in (*flowables, *triggers) for name, info in infos}


CORE_TYPES: Mapping[str, TypeInfo] = _core_types()
"""All accepted names of the types that the cores of executor and trigger-listener run themselves."""


def modern_name(type_name: str) -> str:
    """Return the present name of a core type, which may be written with its package from before 0.17."""
    for old, new in _OLD_PACKAGES:
        if type_name.startswith(old):
            return new + type_name.removeprefix(old)
    return type_name


def resolve_type(type_name: str, catalog: Catalog | None) -> TypeInfo | None:
    """Find a type of the core or the catalog. Without a catalog every name counts as a runnable task."""
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
    """Return the canonical name of a type, for matching plugin defaults. A prefix stays a prefix."""
    core = CORE_TYPES.get(name)
    if core is not None:
        return core.name
    found = catalog.resolve(name) if catalog is not None else None
    return found.name if found is not None else modern_name(name)
