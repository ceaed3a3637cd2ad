"""Everything that is wrong with a flow, with ranges. The findings are those of the one validation: the command line and the API say the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from contracts.language.flow.validate import validate
from contracts.language.flow.violation import Violation
from toccata.plugins.host.catalog import PluginCatalog

Severity = Literal["error", "warning", "hint"]
_WORD = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s,{}\[\]#]+")
_SEVERITY: dict[str, Severity] = {"warning": "warning", "deprecation": "hint"}


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Lines and columns count from 0, in characters. The end is exclusive."""

    line: int
    column: int
    end: int
    """In the same line."""
    severity: Severity
    kind: str
    message: str
    path: str

    def as_data(self) -> dict[str, object]:
        return {
            "line": self.line + 1,
            "column": self.column + 1,
            "endColumn": self.end + 1,
            "severity": self.severity,
            "kind": self.kind,
            "message": self.message,
            "path": self.path,
        }


def diagnostics(catalog: PluginCatalog, text: str) -> list[Diagnostic]:
    """Return all findings, errors first. Never raises."""
    lines = text.splitlines() or [""]
    found = validate(text, catalog)
    return [_placed(each, lines) for each in (*found.errors, *found.remarks)]


def _placed(violation: Violation, lines: list[str]) -> Diagnostic:
    line = min(max(violation.line - 1, 0), len(lines) - 1)
    column = min(max(violation.column - 1, 0), len(lines[line]))
    word = _WORD.match(lines[line], column)
    end = word.end() if word is not None else len(lines[line])
    severity = _SEVERITY.get(violation.kind, "error")
    return Diagnostic(
        line, column, max(end, column), severity, violation.kind, violation.told, violation.path
    )
