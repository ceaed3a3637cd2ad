"""The index of a package: a small file with a line for each type, and files with their documentation.

Code that lists, validates or documents types reads these files, and imports only the types that a flow uses.
``python -m toccata.plugins.generate`` writes ours, ``toccata plugin index`` those of other packages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from toccata.plugins.host.document import Documentation
from toccata.plugins.host.entry import Entry

INDEX_FILE = "toccata_index.json"
"""Lies in the top folder of a third-party package."""
DOCUMENTATION_FILE = "toccata_documentation.json"


class Index(msgspec.Struct, frozen=True, kw_only=True):
    version: str
    """The version of the distribution. An index for another version is not used."""
    types: tuple[Entry, ...]


class BadIndex(Exception):
    """The message says what is wrong with the file."""


def read_index(path: Path) -> Index:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Index)
    except (OSError, msgspec.MsgspecError) as error:
        raise BadIndex(f"{path}: {error}") from error


def read_documentation(path: Path) -> Mapping[str, Documentation]:
    try:
        found = msgspec.json.decode(path.read_bytes(), type=list[Documentation])
    except (OSError, msgspec.MsgspecError) as error:
        raise BadIndex(f"{path}: {error}") from error
    return {each.name: each for each in found}


def index_text(version: str, entries: Iterable[Entry]) -> bytes:
    types = tuple(sorted(entries, key=lambda entry: entry.name))
    return _text(Index(version=version, types=types))


def documentation_text(documents: Iterable[Documentation]) -> bytes:
    return _text(sorted(documents, key=lambda document: document.name))


def _text(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"
