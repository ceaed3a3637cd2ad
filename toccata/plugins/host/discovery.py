"""Finds types: ours by their index, and those of packages with entry points in the group ``toccata.plugins``. Packages are
installed in this environment or in a folder of TOCCATA_PLUGIN_PATH.

A package is imported only if it has no index for its version. A package that fails is reported with the reason; the
others still load.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import Distribution, EntryPoint, distributions
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from toccata.plugin import Declaration
from toccata.plugins.host.entry import Entry
from toccata.plugins.host.index import DOCUMENTATION_FILE, INDEX_FILE, BadIndex, Index, read_index
from toccata.plugins.host.scan import declarations_in, listed

GROUP = "toccata.plugins"
OUR_INDEX = Path(__file__).parent / "index.json"
OUR_DOCUMENTATION = Path(__file__).parent / "documentation"
OUR_PREFIX = "toccata.plugins.families."


@dataclass(frozen=True, slots=True)
class Broken:
    """A plugin package that could not be loaded, or an index that could not be used."""

    name: str
    origin: str
    reason: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A type that a package provides."""

    entry: Entry
    declared: Declaration | None = None
    """None: not imported yet."""
    documentation: Path | None = None
    """None: it is made from the declaration."""


@dataclass(slots=True)
class Discovered:
    offers: list[Offer] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)


def our_plugins() -> list[Offer]:
    return [
        Offer(entry, None, OUR_DOCUMENTATION / f"{family_of(entry.module)}.json")
        for entry in read_index(OUR_INDEX).types
    ]


def family_of(module: str) -> str:
    return module.removeprefix(OUR_PREFIX).partition(".")[0]


def third_party_plugins(folders: Iterable[Path] = ()) -> Discovered:
    """Folders go last on the import path, so that a package there cannot replace one of ours."""
    found = Discovered()
    seen: set[tuple[str, str]] = set()
    for origin, distribution in _distributions(folders):
        entries = [
            entry
            for entry in distribution.entry_points.select(group=GROUP)
            if (entry.name, entry.value) not in seen
        ]
        if not entries:
            continue
        seen.update((entry.name, entry.value) for entry in entries)
        if not _indexed(distribution, entries[0], origin, found):
            for entry in entries:
                _load(entry, origin, found)
    return found


def plugin_folders(setting: str | None) -> list[Path]:
    """The folders of ``TOCCATA_PLUGIN_PATH``, separated as in PATH."""
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


def _indexed(distribution: Distribution, entry: EntryPoint, origin: str, found: Discovered) -> bool:
    """True if the distribution has a usable index. All its types then come from there."""
    name = distribution.metadata["Name"]
    try:
        folder = _package_folder(entry)
        if folder is None or not (folder / INDEX_FILE).exists():
            return False
        index = _fitting(read_index(folder / INDEX_FILE), distribution)
    except BadIndex as error:
        found.broken.append(Broken(name, origin, f"{error}. Its modules were imported instead"))
        return False
    found.offers += [Offer(each, None, folder / DOCUMENTATION_FILE) for each in index.types]
    return True


def _package_folder(entry: EntryPoint) -> Path | None:
    """The folder of the top package that the entry point names. Does not import it."""
    try:
        spec = find_spec(entry.module.partition(".")[0])
    except (ImportError, ValueError, AttributeError):  # the last: an entry point that names no module at all
        return None
    locations = spec.submodule_search_locations if spec is not None else None
    return Path(next(iter(locations))) if locations else None


def _fitting(index: Index, distribution: Distribution) -> Index:
    if index.version == distribution.version:
        return index
    raise BadIndex(
        f"{INDEX_FILE} is of version {index.version}, the package of version {distribution.version}: "
        "its author must run `toccata plugin index` for each version"
    )


def _load(entry: EntryPoint, origin: str, found: Discovered) -> None:
    try:
        loaded = entry.load()
        if isinstance(loaded, ModuleType):
            lists = list(declarations_in([entry.module]))
        else:
            declared = [loaded] if isinstance(loaded, Declaration) else loaded
            lists = [listed(each, entry.module, entry.attr) for each in declared]
        if not lists:
            raise TypeError(f"{entry.value} declares no type")  # noqa: TRY301 - reported below like the other errors
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the border to other people's code; reported, not hidden
        found.broken.append(Broken(entry.name, origin, f"{type(error).__name__}: {error}"))
    else:
        found.offers += [Offer(each.entry, each.declared) for each in lists]
