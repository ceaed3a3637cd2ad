"""Reads the declarations of a flow's inputs."""

from __future__ import annotations

from contracts.language.flow.findings import Findings
from contracts.language.flow.schema import keys_of
from contracts.language.flow.violation import Path
from contracts.language.types.index import INPUTS
from contracts.language.types.input.common import Input, ListInput, Parted

PART_TYPES = frozenset(
    [
        "STRING",
        "INT",
        "FLOAT",
        "BOOL",
        "BOOLEAN",
        "DATE",
        "DATETIME",
        "TIME",
        "DURATION",
        "EMAIL",
        "URI",
        "SELECT",
        "ENUM",
    ]
)
"""What the parts of an input may be."""
_NOT_OF_PARTS = frozenset({"defaults", "prefill", "dependsOn", "expression"})
_INPUT_KEYS = frozenset(keys_of(Input))


def read_inputs(value: object, path: Path, findings: Findings) -> tuple[Input, ...]:
    inputs = [_input(each, at, findings) for at, each in findings.objects(value, path)]
    return tuple(each for each in inputs if each is not None)


def _input(written: dict[str, object], path: Path, findings: Findings) -> Input | None:
    value = {key: part for key, part in written.items() if part is not None}
    if "name" in value and "id" not in value:
        findings.deprecate((*path, "name"), "`name` of an input is now `id`")
        value["id"] = value.pop("name")
    name = value.get("type")
    known = INPUTS.get(name) if isinstance(name, str) else None
    if known is None:
        if name is not None:
            findings.invalid_type(name, (*path, "type"), findings.guesses.did_you_mean(str(name), INPUTS))
        common = {key: part for key, part in value.items() if key in _INPUT_KEYS}
        findings.validated(Input, common, path)
        return None
    if known.deprecated_by:
        findings.deprecate((*path, "type"), f"input type {name} is replaced by {known.deprecated_by}")
    read = findings.validated(known.properties, value, path)
    for key in ("defaults", "expression", "dependsOn"):
        findings.check_expressions(value.get(key), (*path, key))
    if isinstance(read, ListInput):
        _item_type(read, path, findings)
    if known.parts is not None and read is not None:
        key = known.parts[0]
        return read.model_copy(update={key: _parts(value.get(key), (*path, key), findings)})
    return read


def _parts(value: object, path: Path, findings: Findings) -> tuple[Input, ...]:
    """Read the columns of a table, or the properties of an object."""
    found: list[Input] = []
    for at, written in findings.objects(value, path):
        for key in sorted(_NOT_OF_PARTS & written.keys()):
            findings.refuse(f"`{key}` is not for a part of an input", (*at, key))
        kind = written.get("type")
        if isinstance(kind, str) and kind in INPUTS and kind not in PART_TYPES:
            findings.refuse(f"must be one of {sorted(PART_TYPES)}, not `{kind}`", (*at, "type"), kind)
            continue
        read = _input({key: each for key, each in written.items() if key not in _NOT_OF_PARTS}, at, findings)
        if read is not None:
            if any(read.id == other.id for other in found):
                findings.refuse(f"Duplicate input with name [{read.id}]", (*at, "id"))
            found.append(read)
    return tuple(found)


def _item_type(declared: ListInput, path: Path, findings: Findings) -> None:
    accepted = [
        name
        for name, each in INPUTS.items()
        if not (issubclass(each.properties, (ListInput, Parted)) or each.secret)
    ]
    if declared.item_type == declared.type:
        findings.refuse(f"`itemType` cannot be `{declared.type}`", (*path, "itemType"))
    elif declared.item_type not in accepted:
        problem = f"must be one of {accepted}, not `{declared.item_type}`"
        findings.refuse(problem, (*path, "itemType"), declared.item_type)
