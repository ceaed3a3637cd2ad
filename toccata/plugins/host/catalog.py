"""All types by name and alias, for validation, lists, documentation and workers.

A type is imported when it is first used, not when it is listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path

from contracts.language.flow.catalog import TypeInfo
from contracts.language.flow.violation import Violation
from contracts.language.types.declaration import Declaration
from contracts.language.types.index import FLOWABLES, TRIGGERS
from toccata.plugin import TaskType, TriggerType
from toccata.plugins.host.binding import check
from toccata.plugins.host.discovery import Broken, Offer, our_plugins, third_party_plugins
from toccata.plugins.host.document import Documentation, documentation_of
from toccata.plugins.host.entry import Entry, entry_of
from toccata.plugins.host.index import BadIndex, read_documentation


class PluginCatalog:
    """Implements ``contracts.language.flow.catalog.Catalog``. The first offer of a name wins; later ones are reported."""

    def __init__(self, declared: Iterable[Declaration] = ()) -> None:
        self._offers: dict[str, Offer] = {}
        """By name and alias."""
        self._infos: dict[str, TypeInfo] = {}
        self._declared: dict[str, Declaration | str] = {}
        """Imported declarations by name, or the reason why the import failed."""
        self.broken: list[Broken] = []
        """Plugins that could not be loaded, with reasons, for logs and ``toccata plugin list``."""
        for each in declared:
            self.add(each)

    @classmethod
    def ours(cls) -> PluginCatalog:
        """The engine's own types and our plugins."""
        catalog = cls([*FLOWABLES.values(), *TRIGGERS.values()])
        for offer in our_plugins():
            catalog.offer(offer)
        return catalog

    @classmethod
    def load(cls, folders: Iterable[Path] = ()) -> PluginCatalog:
        """Our plugins and third-party ones."""
        catalog = cls.ours()
        found = third_party_plugins(folders)
        catalog.broken.extend(found.broken)
        for offer in found.offers:
            catalog.offer(offer)
        return catalog

    def add(self, declared: Declaration) -> None:
        self.offer(Offer(entry_of(declared, declared.properties.__module__, ""), declared))

    def offer(self, offer: Offer) -> None:
        entry = offer.entry
        for name in (entry.name, *entry.aliases):
            taken = self._offers.setdefault(name, offer)
            if taken is not offer:
                reason = f"type {name} is declared twice, by {taken.entry.module} and {entry.module}; the first one is used"
                self.broken.append(Broken(name, entry.module, reason))
                if name == entry.name:
                    return

    def __iter__(self) -> Iterator[Entry]:
        """Each type once, sorted by name."""
        names = sorted(name for name, offer in self._offers.items() if name == offer.entry.name)
        return (self._offers[name].entry for name in names)

    def find(self, type_name: str) -> Entry | None:
        offer = self._offers.get(type_name)
        return offer.entry if offer is not None else None

    def names(self) -> Iterable[str]:
        return self._offers

    def resolve(self, type_name: str) -> TypeInfo | None:
        found = self._infos.get(type_name)
        if found is None and (offer := self._offers.get(type_name)) is not None:
            found = self._infos[type_name] = offer.entry.info(type_name)
        return found

    def task(self, type_name: str) -> TaskType | None:
        """The task type that a worker runs for this name."""
        found = self._declaration(type_name)
        return found if isinstance(found, TaskType) else None

    def trigger(self, type_name: str) -> TriggerType | None:
        """The trigger type that a worker polls for this name."""
        found = self._declaration(type_name)
        return found if isinstance(found, TriggerType) else None

    def check(self, type_name: str, properties: Mapping[str, object]) -> list[Violation]:
        declared = self._declaration(type_name)
        if isinstance(declared, Declaration):
            return check(declared.properties, properties)
        message = f"Invalid type: {type_name}" if declared is None else declared
        return [Violation(message, "type", value=type_name)]

    def documentation(self, type_name: str) -> Documentation | None:
        """Read it from the package's files, or make it from the declaration. None if the type is unknown or does not load."""
        offer = self._offers.get(type_name)
        if offer is None:
            return None
        if offer.documentation is not None:
            try:
                return read_documentation(offer.documentation).get(offer.entry.name)
            except BadIndex as error:
                self._note(Broken(offer.entry.name, offer.entry.module, str(error)))
        declared = self._declaration(type_name)
        return documentation_of(declared) if isinstance(declared, Declaration) else None

    def _declaration(self, type_name: str) -> Declaration | str | None:
        """Import it on first use. A text says why that failed."""
        offer = self._offers.get(type_name)
        if offer is None:
            return None
        name = offer.entry.name
        found = self._declared.get(name)
        if found is None:
            found = self._declared[name] = offer.declared or _imported(offer.entry)
            if isinstance(found, str):
                self._note(Broken(name, offer.entry.module, found))
        return found

    def _note(self, broken: Broken) -> None:
        if broken not in self.broken:
            self.broken.append(broken)


def _imported(entry: Entry) -> Declaration | str:
    try:
        found = getattr(import_module(entry.module), entry.attribute)
    except ModuleNotFoundError as error:
        advice = f". Install it: pip install '{entry.extra}'" if entry.extra is not None else ""
        return f"type {entry.name} could not be loaded: it needs `{error.name}`, which is not installed here{advice}"
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the border to other people's code; reported, not hidden
        return f"type {entry.name} could not be loaded: {type(error).__name__}: {error}"
    if isinstance(found, Declaration) and found.name == entry.name:
        return found
    return f"type {entry.name} could not be loaded: {entry.module}.{entry.attribute} is not this type; its index is stale"
