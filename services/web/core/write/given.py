"""The values that a caller gives to inputs: texts, and files that are stored before the execution exists. Nothing here reads or
stores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from contracts.language.encrypted import MASK, NOT_CONFIGURED, ciphertext_of, encrypted_value
from contracts.language.flow.input import InputResolution
from contracts.language.types.index import INPUTS
from contracts.language.types.input.common import Input
from contracts.language.types.input.file import FILE
from contracts.language.types.input.value import text_of
from contracts.scalars import JsonObject, execution_folders
from services.web.core.file import SCHEME
from services.web.core.problem import invalid_entity

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
        each.id: SCHEME + "/".join([*folders, "inputs", segment(each.id), segment(names[each.id])])
        for each in declared
        if each.type == FILE.name and each.id in names
    }


def declared_only(declared: Iterable[Input], given: Mapping[str, object]) -> JsonObject:
    """Leave out values that are not declared, because they are ignored anyway."""
    names = {each.id for each in declared}
    return {name: value for name, value in given.items() if name in names}


def sealed(
    declared: Iterable[Input], given: Mapping[str, Any], encrypt: Callable[[str], str] | None
) -> JsonObject:
    """Encrypt what is given to SECRET inputs, before it leaves this process. ``given`` is by dotted id or nested. Raise Problem 422 if
    encryption is not configured."""
    found: JsonObject = dict(given)
    for each in declared:
        if INPUTS[each.type].secret:
            *outer, last = [each.id] if each.id in found else each.id.split(".")
            level: Any = found
            for step in outer:
                inner = level.get(step) if isinstance(level, dict) else None
                if not isinstance(inner, dict):
                    break
                level[step] = level = dict(inner)
            else:
                if isinstance(level, dict) and level.get(last) is not None:
                    level[last] = _encrypted(each, level[last], encrypt)
    return found


def _encrypted(declared: Input, value: Any, encrypt: Callable[[str], str] | None) -> Any:
    if ciphertext_of(value) is not None:
        return value
    if encrypt is None:
        raise invalid_entity(f"Invalid value for input `{declared.id}`. Cause: {NOT_CONFIGURED}")
    return encrypted_value(encrypt(text_of(value)))


def secrets_of(resolution: InputResolution) -> list[str]:
    """Return the plain texts of SECRET inputs, which nobody may read in a message."""
    return [
        each.value
        for each in resolution.inputs
        if INPUTS[each.input.type].secret and isinstance(each.value, str) and each.value
    ]


def masked(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text


def segment(name: str) -> str:
    """Return the last part of a file's name, as addresses have it."""
    last = name.replace("\\", "/").rpartition("/")[2][-_LONGEST_NAME:].strip()
    return quote(last, safe=_SAFE) if last not in {"", ".", ".."} else "file"
