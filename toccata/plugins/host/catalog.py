"""All declared types by name and alias: what flow validation asks, and where a worker finds what to run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from contracts.language.flow.catalog import TypeInfo, TypeKind, type_infos
from contracts.language.flow.violation import Violation
from contracts.language.types.declaration import Declaration, FlowableType
from contracts.language.types.index import FLOWABLES, TRIGGERS
from toccata.plugin import RunnerType, TaskType, TriggerType
from toccata.plugins.host.binding import check
from toccata.plugins.host.discovery import Broken, our_plugins, third_party_plugins


class PluginCatalog:
    """Implements ``contracts.language.flow.catalog.Catalog``. A later declaration of a taken name is refused, and reported."""

    def __init__(self, plugins: Iterable[Declaration]) -> None:
        self._by_name: dict[str, Declaration] = {}
        self._infos: dict[str, TypeInfo] = {}
        self.broken: list[Broken] = []
        """Plugins that could not be had, with reasons, for logs and ``toccata plugin list``."""
        for plugin in plugins:
            self.add(plugin)

    @classmethod
    def load(cls, folders: Iterable[Path] = ()) -> PluginCatalog:
        """The engine's own types, our plugins and those of third parties."""
        catalog = cls([*FLOWABLES.values(), *TRIGGERS.values(), *our_plugins()])
        found = third_party_plugins(folders)
        catalog.broken.extend(found.broken)
        for plugin in found.plugins:
            catalog.add(plugin)
        return catalog

    def add(self, plugin: Declaration) -> None:
        if plugin.name in self._by_name and self._by_name[plugin.name].name == plugin.name:
            reason = f"type {plugin.name} is declared twice; the first stays"
            self.broken.append(Broken(plugin.name, plugin.properties.__module__, reason))
            return
        for name, info in type_infos(plugin, _kind(plugin)):
            self._by_name[name] = plugin
            self._infos[name] = info

    def __iter__(self) -> Iterator[Declaration]:
        """Each once, by name."""
        unique = {plugin.name: plugin for plugin in self._by_name.values()}
        return iter([unique[name] for name in sorted(unique)])

    def find(self, type_name: str) -> Declaration | None:
        return self._by_name.get(type_name)

    def task(self, type_name: str) -> TaskType | None:
        """What a worker runs for this name."""
        found = self._by_name.get(type_name)
        return found if isinstance(found, TaskType) else None

    def resolve(self, type_name: str) -> TypeInfo | None:
        return self._infos.get(type_name)

    def names(self) -> Iterable[str]:
        return self._infos

    def check(self, type_name: str, properties: Mapping[str, object]) -> list[Violation]:
        plugin = self._by_name.get(type_name)
        if plugin is None:
            return [Violation(f"Invalid type: {type_name}", "type", value=type_name, kind="structure")]
        return check(plugin.properties, properties)


def _kind(plugin: Declaration) -> TypeKind:
    if isinstance(plugin, TaskType):
        return "runnable"
    if isinstance(plugin, FlowableType):
        return "flowable"
    if isinstance(plugin, TriggerType):
        return "trigger"
    assert isinstance(plugin, RunnerType)
    return "runner"
