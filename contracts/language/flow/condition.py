"""How condition objects of Kestra 1.x are read: in ``listeners`` and in ``conditions`` of a trigger. Who reads them says which there are,
and what they are about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from contracts.language.expression.impure import WORKER_FUNCTIONS
from contracts.language.flow.catalog import modern_name
from contracts.language.flow.field import FlowModel
from contracts.language.flow.findings import Findings
from contracts.language.flow.schema import keys_of, kind_name, validated
from contracts.language.flow.violation import Path
from contracts.language.types.property import is_dynamic

PACKAGE = "io.kestra.plugin.core.condition."
_OLD_NAMES: Mapping[str, str] = {"Variable": "Expression"}


class Condition(FlowModel):
    outermost: ClassVar[bool] = False
    """It cannot stand within another one."""
    type: str

    def holds(self, about: Any) -> bool:
        raise NotImplementedError


class Not(Condition):
    conditions: tuple[Any, ...] = Field(min_length=1)

    def holds(self, about: Any) -> bool:
        return not any(each.holds(about) for each in self.conditions)


class Or(Condition):
    conditions: tuple[Any, ...] = Field(min_length=1)

    def holds(self, about: Any) -> bool:
        return any(each.holds(about) for each in self.conditions)


def short_name(type_name: str) -> str | None:
    """Return the name of a condition without package and the suffix that it once had, or None if it is no condition's."""
    modern = modern_name(type_name)
    if not modern.startswith(PACKAGE):
        return None
    short = modern.removeprefix(PACKAGE).removesuffix("Condition")
    return _OLD_NAMES.get(short, short)


def read_conditions(
    value: object,
    path: Path,
    findings: Findings,
    known: Mapping[str, type[Condition]],
    supplied: frozenset[str] = WORKER_FUNCTIONS,
) -> Sequence[Condition]:
    """Return those that are right, and report what is wrong with the others. ``supplied``: functions that their expressions may call
    besides those of the language."""
    found = (_read(written, at, findings, known, supplied) for at, written in findings.objects(value, path))
    return [each for each in found if each is not None]


def _read(
    written: dict[str, object],
    path: Path,
    findings: Findings,
    known: Mapping[str, type[Condition]],
    supplied: frozenset[str],
) -> Condition | None:
    name = str(written.get("type", ""))
    model = known.get(short_name(name) or "")
    if model is None:
        meant = findings.guesses.did_you_mean(name, [PACKAGE + each for each in known])
        findings.invalid_type(name, (*path, "type"), meant)
        return None
    fields = dict(written)
    nested = written.get("conditions")
    if "conditions" in keys_of(model) and isinstance(nested, list | dict):
        inner = _nested(nested, (*path, "conditions"), findings, known, supplied)
        if len(inner) < len(nested):
            return None
        fields["conditions"] = inner if isinstance(nested, dict) else list(inner.values())
    read, problems = validated(model, fields, path, findings.guesses)
    for problem in problems:
        findings.report(problem)
    for field, info in model.model_fields.items():
        if is_dynamic(info):
            key = info.alias or field
            findings.check_expressions(written.get(key), (*path, key), supplied)
    return read


def _nested(
    value: list[object] | dict[str, object],
    path: Path,
    findings: Findings,
    known: Mapping[str, type[Condition]],
    supplied: frozenset[str],
) -> dict[str | int, Condition]:
    """Return those that are right, by name or index."""
    inner = {name: model for name, model in known.items() if not model.outermost}
    names = enumerate(value) if isinstance(value, list) else value.items()
    found: dict[str | int, Condition] = {}
    for name, each in names:
        if not isinstance(each, dict):
            findings.refuse(f"must be a map, not {kind_name(each)}", (*path, name), each)
            continue
        read = _read(each, (*path, name), findings, inner, supplied)
        if read is not None:
            found[name] = read
    return found
