"""The expressions in the properties of a Flow trigger, which are parts of larger properties that are read as written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.language.flow.findings import Findings
from contracts.language.flow.violation import Path


def check_flow_trigger(
    value: Mapping[str, Any], path: Path, findings: Findings, supplied: frozenset[str]
) -> None:
    """Report expressions that do not compile. What has another form than it should is reported with the properties."""
    preconditions = value.get("preconditions")
    if isinstance(preconditions, Mapping):
        for number, where in enumerate(_maps(preconditions.get("where"))):
            for index, each in enumerate(_maps(where.get("filters"))):
                at = (*path, "preconditions", "where", number, "filters", index, "value")
                if str(each.get("field")).upper() == "EXPRESSION":
                    findings.check_expressions(each.get("value"), at, supplied)
    for index, each in enumerate(_maps(value.get("dependsOn"))):
        findings.check_condition(each.get("when"), (*path, "dependsOn", index, "when"), supplied)
    if not (
        value.get("conditions") or value.get("preconditions") or value.get("dependsOn") or value.get("when")
    ):
        findings.warn(
            "the trigger hears of every execution of every other flow",
            path,
            "Say which with `dependsOn`, `preconditions` or `when`.",
        )


def _maps(value: object) -> list[Mapping[str, Any]]:
    return [each if isinstance(each, Mapping) else {} for each in value] if isinstance(value, list) else []
