"""Writes the index of our plugin families and their documentation: ``python -m toccata.plugins.generate [--check]``.

A family is a folder below ``families``. Each module in it may declare types; no other file names them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from toccata.plugins.host.discovery import OUR_DOCUMENTATION, OUR_INDEX, OUR_PREFIX, family_of
from toccata.plugins.host.document import Documentation, documentation_of
from toccata.plugins.host.index import documentation_text, index_text
from toccata.plugins.host.scan import declarations_in

FAMILIES = Path(__file__).parent / "families"
VERSION = "ours"
"""The index has no version of its own, because it is checked in beside the code that it describes."""


def modules() -> Iterator[str]:
    """The modules directly in the folder of a family. Deeper ones are imported when a task runs."""
    for path in sorted(FAMILIES.glob("[!_]*/[!_]*.py")):
        yield f"{OUR_PREFIX}{path.parent.name}.{path.stem}"


def files() -> dict[Path, bytes]:
    found = list(declarations_in(modules()))
    documents: dict[str, list[Documentation]] = {}
    for each in found:
        documents.setdefault(family_of(each.entry.module), []).append(documentation_of(each.declared))
    wanted = {OUR_INDEX: index_text(VERSION, (each.entry for each in found))}
    for family, texts in documents.items():
        wanted[OUR_DOCUMENTATION / f"{family}.json"] = documentation_text(texts)
    return wanted


def stale() -> list[str]:
    """Files that differ from the code, are missing, or should not exist."""
    wanted = files()
    there = {path: path.read_bytes() for path in (OUR_INDEX, *OUR_DOCUMENTATION.glob("*")) if path.exists()}
    return sorted(str(path) for path in wanted.keys() | there.keys() if wanted.get(path) != there.get(path))


def write() -> None:
    wanted = files()
    OUR_DOCUMENTATION.mkdir(exist_ok=True)
    for path in OUR_DOCUMENTATION.glob("*"):
        if path not in wanted:
            path.unlink()
    for path, content in wanted.items():
        path.write_bytes(content)


def main() -> int:
    if "--check" not in sys.argv[1:]:
        write()
        return 0
    names = stale()
    if names:
        sys.stderr.write(f"stale: {', '.join(names)}; run: python -m toccata.plugins.generate\n")
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
