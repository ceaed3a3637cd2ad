"""Which modules declare plugins: ours, installed packages with the entry point group, and packages in a folder.

A plugin module, or object that an entry point names, has ``PLUGINS``: a sequence of declarations. A package that does
not load is reported with its reason; the others are there all the same.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path
from types import ModuleType

from toccata.plugin import PluginType, RunnerType, TaskType, TriggerType

GROUP = "toccata.plugins"
OURS = (
    "toccata.plugins.families.core.log",
    "toccata.plugins.families.core.debug",
    "toccata.plugins.families.core.output",
    "toccata.plugins.families.core.execution",
    "toccata.plugins.families.core.flow",
    "toccata.plugins.families.scripts.process",
    "toccata.plugins.families.scripts.shell",
    "toccata.plugins.families.scripts.python",
)
"""One line a module of ours that has ``PLUGINS``."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A plugin package that could not be loaded."""

    name: str
    origin: str
    reason: str


@dataclass(slots=True)
class Discovered:
    plugins: list[PluginType] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)


def our_plugins(modules: Sequence[str] = OURS) -> Iterator[PluginType]:
    for name in modules:
        yield from import_module(name).PLUGINS


def third_party_plugins(folders: Iterable[Path] = ()) -> Discovered:
    """From packages installed in this environment and from those installed into ``folders``.

    Folders go last on the import path: a package there cannot replace one of ours."""
    found = Discovered()
    seen: set[tuple[str, str]] = set()
    for origin, distribution in _distributions(folders):
        for entry in distribution.entry_points.select(group=GROUP):
            if (entry.name, entry.value) not in seen:
                seen.add((entry.name, entry.value))
                _load(entry, origin, found)
    return found


def plugin_folders(setting: str | None) -> list[Path]:
    """Of ``TOCCATA_PLUGIN_PATH``: folders, separated as in PATH."""
    return [Path(part) for part in (setting or "").split(os.pathsep) if part]


def _distributions(folders: Iterable[Path]) -> Iterator[tuple[str, Distribution]]:
    added = [str(folder.resolve()) for folder in folders]
    for distribution in distributions(path=[entry for entry in sys.path if entry not in added]):
        yield "this environment", distribution
    for path in added:
        if path not in sys.path:
            sys.path.append(path)
        for distribution in distributions(path=[path]):
            yield path, distribution


def _load(entry: EntryPoint, origin: str, found: Discovered) -> None:
    try:
        loaded = entry.load()
        plugins = tuple(loaded.PLUGINS if isinstance(loaded, ModuleType) else loaded)
        strange = [p for p in plugins if not isinstance(p, TaskType | TriggerType | RunnerType)]
        if strange:
            raise TypeError(f"{strange[0]!r} is no declaration of toccata.plugin")  # noqa: TRY301 - reported below with the others
    except Exception as error:  # noqa: BLE001 - the border to other people's code; reported, not hidden
        found.broken.append(Broken(entry.name, origin, f"{type(error).__name__}: {error}"))
    else:
        found.plugins.extend(plugins)
