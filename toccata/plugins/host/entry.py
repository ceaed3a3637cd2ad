"""One line of the catalog: facts about a type that are known without importing its module."""

from __future__ import annotations

import msgspec

from contracts.language.flow.catalog import TypeInfo, TypeKind, type_infos
from contracts.language.types.declaration import FlowableType, StartedBy
from toccata.plugin import Declaration, RunnerType, TaskType, TriggerType


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str
    kind: TypeKind
    title: str
    module: str
    attribute: str
    """The name of the declaration in its module."""
    aliases: tuple[str, ...] = ()
    deprecated_by: str | None = None
    properties: tuple[str, ...] = ()
    """The names in flows."""
    static: tuple[str, ...] = ()
    started_by: StartedBy | None = None
    """Set for triggers only."""
    heavy: bool = False
    """Set for tasks and polls that start a process or keep a thread busy."""
    extra: str | None = None
    """What to install for the libraries that it needs, as pip takes it."""

    def info(self, name: str) -> TypeInfo:
        """The facts under this name, which is the type's own or an alias."""
        successor = self.deprecated_by if name == self.name else self.name
        return TypeInfo(
            self.name,
            self.kind,
            successor,
            frozenset(self.properties),
            frozenset(self.static),
            self.started_by,
        )


def entry_of(declared: Declaration, module: str, attribute: str) -> Entry:
    kind = kind_of(declared)
    _, info = next(iter(type_infos(declared, kind)))
    return Entry(
        name=declared.name,
        kind=kind,
        title=declared.title,
        module=module,
        attribute=attribute,
        aliases=declared.aliases,
        deprecated_by=declared.deprecated_by,
        properties=tuple(sorted(info.properties or ())),
        static=tuple(sorted(info.static)),
        started_by=declared.started_by if isinstance(declared, TriggerType) else None,
        heavy=isinstance(declared, TaskType | TriggerType) and declared.kind == "heavy",
        extra=declared.extra if isinstance(declared, TaskType | TriggerType) else None,
    )


def kind_of(declared: Declaration) -> TypeKind:
    match declared:
        case TaskType():
            return "runnable"
        case FlowableType():
            return "flowable"
        case TriggerType():
            return "trigger"
        case RunnerType():
            return "runner"
        case _:
            raise TypeError(f"{declared!r} is not a declaration of toccata.plugin")
