"""Writes the index of a third-party package into its source, from ``pyproject.toml`` and the declarations."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toccata.plugins.host.discovery import GROUP
from toccata.plugins.host.document import documentation_of
from toccata.plugins.host.index import DOCUMENTATION_FILE, INDEX_FILE, documentation_text, index_text
from toccata.plugins.host.scan import declarations_in


class BadPackage(Exception):
    """The message says why the package cannot be indexed."""


@dataclass(frozen=True, slots=True)
class Written:
    files: tuple[Path, ...]
    types: tuple[str, ...]


def write_package_index(project: Path) -> Written:
    """``project`` is the folder with ``pyproject.toml``. The package lies there or in ``src``."""
    version, modules = _described(project / "pyproject.toml")
    top = modules[0].partition(".")[0]
    source = next((each for each in (project, project / "src") if (each / top).is_dir()), None)
    if source is None:
        raise BadPackage(f"there is no folder {top} in {project} or {project / 'src'}")
    sys.path.insert(0, str(source.resolve()))
    try:
        found = list(declarations_in(modules))
    except Exception as error:
        raise BadPackage(
            f"{', '.join(modules)} could not be read: {type(error).__name__}: {error}"
        ) from error
    if not found:
        raise BadPackage(f"{', '.join(modules)} declares no type at its top level")
    index, documentation = source / top / INDEX_FILE, source / top / DOCUMENTATION_FILE
    index.write_bytes(index_text(version, (each.entry for each in found)))
    documentation.write_bytes(documentation_text(documentation_of(each.declared) for each in found))
    return Written((index, documentation), tuple(sorted(each.entry.name for each in found)))


def _described(file: Path) -> tuple[str, list[str]]:
    """The version, and the modules of the entry points."""
    try:
        project: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadPackage(f"{file} cannot be read: {error}") from error
    version = project.get("version")
    if not isinstance(version, str):
        raise BadPackage(f"{file} has no `project.version`: an index belongs to one version")
    points = project.get("entry-points", {}).get(GROUP, {})
    modules = list(dict.fromkeys(str(value).partition(":")[0].strip() for value in points.values()))
    if not modules:
        raise BadPackage(f'{file} has no [project.entry-points."{GROUP}"]')
    return version, modules
