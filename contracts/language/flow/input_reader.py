"""Reads the declarations of a flow's inputs."""

from __future__ import annotations

from contracts.language.flow.findings import Findings
from contracts.language.flow.schema import keys_of
from contracts.language.flow.violation import Path
from contracts.language.types.index import INPUTS
from contracts.language.types.input.common import Input, ListInput

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
    return read


def _item_type(declared: ListInput, path: Path, findings: Findings) -> None:
    accepted = [
        name for name, each in INPUTS.items() if not (issubclass(each.properties, ListInput) or each.secret)
    ]
    if declared.item_type not in accepted:
        problem = f"must be one of {accepted}, not `{declared.item_type}`"
        findings.refuse(problem, (*path, "itemType"), declared.item_type)
