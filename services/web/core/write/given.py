"""The values that a caller gives to inputs: texts, and files that are stored before the execution exists. Nothing here reads or
stores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from contracts.language.types.input.common import Input
from contracts.language.types.input.file import FILE
from contracts.scalars import JsonObject, execution_folders
from services.web.core.file import SCHEME

_SAFE = " !$&'()+,;=@[]{}~.-_"
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Owner:
    """The execution that the files will belong to."""

    namespace: str
    flow_id: str
    execution_id: str


def file_uris(declared: Iterable[Input], names: Mapping[str, str], owner: Owner) -> dict[str, str]:
    """Return the address of each file that is given to a FILE input, by the input's id. ``names``: the files' own names by the
    input's id."""
    folders = execution_folders(owner.namespace, owner.flow_id, owner.execution_id)
    return {
        each.id: SCHEME + "/".join([*folders, "inputs", _segment(each.id), _segment(names[each.id])])
        for each in declared
        if each.type == FILE.name and each.id in names
    }


def declared_only(declared: Iterable[Input], given: Mapping[str, object]) -> JsonObject:
    """Leave out values that are not declared, because they are ignored anyway."""
    names = {each.id for each in declared}
    return {name: value for name, value in given.items() if name in names}


def _segment(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2][-_LONGEST_NAME:].strip()
    return quote(last, safe=_SAFE) if last not in {"", ".", ".."} else "file"
