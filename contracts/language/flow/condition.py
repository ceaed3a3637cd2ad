"""How condition objects of Kestra 1.x are read: in ``listeners`` and in ``conditions`` of a trigger. Who reads them says which there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from contracts.language.flow.catalog import modern_name
from contracts.language.flow.field import FlowModel
from contracts.language.flow.findings import Findings
from contracts.language.flow.schema import keys_of, validated
from contracts.language.flow.violation import Path

PACKAGE = "io.kestra.plugin.core.condition."
_OLD_NAMES: Mapping[str, str] = {"Variable": "Expression"}

Read = TypeVar("Read", bound="Condition")


class Condition(FlowModel):
    type: str


def short_name(type_name: str) -> str | None:
    """Return the name of a condition without package and the suffix that it once had, or None if it is no condition's."""
    modern = modern_name(type_name)
    if not modern.startswith(PACKAGE):
        return None
    short = modern.removeprefix(PACKAGE).removesuffix("Condition")
    return _OLD_NAMES.get(short, short)


def read_conditions(
    value: object, path: Path, findings: Findings, known: Mapping[str, type[Read]]
) -> Sequence[Read]:
    """Return those that are right, and report what is wrong with the others."""
    found = (_read(written, at, findings, known) for at, written in findings.objects(value, path))
    return [each for each in found if each is not None]


def _read(
    written: dict[str, object], path: Path, findings: Findings, known: Mapping[str, type[Read]]
) -> Read | None:
    name = str(written.get("type", ""))
    model = known.get(short_name(name) or "")
    if model is None:
        meant = findings.guesses.did_you_mean(name, [PACKAGE + each for each in known])
        findings.invalid_type(name, (*path, "type"), meant)
        return None
    fields = dict(written)
    nested = written.get("conditions")
    if "conditions" in keys_of(model) and isinstance(nested, list):
        inner = read_conditions(nested, (*path, "conditions"), findings, known)
        if len(inner) < len(nested):
            return None
        fields["conditions"] = inner
    read, problems = validated(model, fields, path, findings.guesses)
    for problem in problems:
        findings.report(problem)
    findings.check_expressions(written.get("expression"), (*path, "expression"))
    return read
