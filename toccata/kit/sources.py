"""The property of uploads that names one file or several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from contracts.json_text import NotJson, loads
from toccata.kit.failure import TaskFailed


@dataclass(frozen=True, slots=True)
class Source:
    name: str
    """Without a folder, unless the flow wrote one."""
    uri: str


def sources(value: Any, what: str = "from") -> tuple[list[Source], bool]:
    """Read a URI, a list of URIs, a map of names and URIs, or JSON text of a list or map. Also say whether it is a single URI, in
    whatever form it came. Raise TaskFailed if it is none of those."""
    if isinstance(value, str) and value.lstrip()[:1] in {"[", "{"}:
        try:
            value = loads(value)
        except NotJson as error:
            raise TaskFailed(f"{what}: is neither the URI of a file nor JSON: {error}") from None
    if isinstance(value, str):
        return [_of_uri(value, what)], True
    if isinstance(value, Mapping):
        found = [Source(_name(name, what), _uri(uri, what)) for name, uri in value.items()]
        single = False
    elif isinstance(value, list):
        found = [_of_uri(each, what) for each in value]
        single = len(found) == 1
    else:
        raise TaskFailed(
            f"{what}: must be the URI of a file, a list of URIs, or a map of names and URIs, not {value!r:.100}"
        )
    if not found:
        raise TaskFailed(f"{what}: names no file")
    return found, single


def _of_uri(value: object, what: str) -> Source:
    uri = _uri(value, what)
    return Source(PurePosixPath(uri.partition("?")[0]).name, uri)


def _uri(value: object, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise TaskFailed(f"{what}: `{value!r:.100}` is not the URI of a file")
    return value


def _name(value: object, what: str) -> str:
    path = PurePosixPath(str(value))
    if not str(value) or path.is_absolute() or ".." in path.parts or "\0" in str(value):
        raise TaskFailed(f"{what}: the name {str(value)!r:.100} must be relative, without `..`")
    return str(value)
