"""The flow language as this machine has it: the catalog, and what is made of it once. Schemas are those of the declarations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from contracts.language.flow.model import FlowHeader, TaskCommon, TriggerCommon
from contracts.language.types.declaration import TAIL, Slot
from contracts.language.types.index import FLOWABLES, INPUTS
from toccata.plugins.host.catalog import PluginCatalog
from toccata.plugins.host.document import Documentation

Schema: TypeAlias = dict[str, Any]
Names: TypeAlias = Mapping[str, Iterable[str]]
"""Ids of flows by namespace."""
_TASK_KINDS = frozenset({"runnable", "flowable", "executable", "updating"})


@dataclass(frozen=True, slots=True)
class Kind:
    """A type's name with what an editor shows of it."""

    name: str
    title: str
    deprecated: bool


@dataclass(slots=True)
class Language:
    catalog: PluginCatalog
    flows: Callable[[], Names] = dict
    """The flows that are known now, for completions. None where nobody knows any."""
    flow: Schema = field(default_factory=lambda: FlowHeader.model_json_schema(by_alias=True))
    _types: dict[str, list[Kind]] = field(default_factory=dict)
    _common: dict[str, Schema] = field(default_factory=dict)
    _documents: dict[str, Documentation | None] = field(default_factory=dict)

    def types(self, kind: str) -> list[Kind]:
        """Return all types of tasks, triggers, task runners or inputs."""
        if kind not in self._types:
            self._types[kind] = self._inputs() if kind == "input" else self._of_catalog(kind)
        return self._types[kind]

    def _of_catalog(self, kind: str) -> list[Kind]:
        kinds = _TASK_KINDS if kind == "task" else {kind}
        return [
            Kind(each.name, each.title, each.deprecated_by is not None)
            for each in self.catalog
            if each.kind in kinds
        ]

    def _inputs(self) -> list[Kind]:
        return [Kind(name, each.title, each.deprecated_by is not None) for name, each in INPUTS.items()]

    def common(self, kind: str) -> Schema:
        """Return the keys that all tasks, or all triggers, have."""
        if kind not in self._common:
            model = TaskCommon if kind == "task" else TriggerCommon
            schema = model.model_json_schema(by_alias=True)
            if kind == "task":
                schema["properties"]["when"] = {"type": "string", "description": "the new name of `runIf`"}
            self._common[kind] = schema
        return self._common[kind]

    def document(self, type_name: str) -> Documentation | None:
        """Return the documentation of a type of the catalog. None if there is no such type."""
        if type_name not in self._documents:
            self._documents[type_name] = self.catalog.documentation(type_name) if type_name else None
        return self._documents[type_name]

    def slots(self, type_name: str) -> Mapping[str, Slot]:
        """Return the properties of a flowable that hold other tasks."""
        info = self.catalog.find(type_name)
        known = FLOWABLES.get(info.name) if info is not None else None
        if known is None:
            return {}
        return {**known.slots, **TAIL} if known.slots else known.slots
