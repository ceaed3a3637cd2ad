"""Short sources of flows, and the findings in them."""

from __future__ import annotations

from contracts.language.flow.parse import ParsedFlow, parse_flow
from tests.unit.contracts.language.flow.catalog_of_types import FewTypes

HEAD = "id: a\nnamespace: n\n"
TASKS = "tasks:\n  - {id: t, type: io.kestra.plugin.core.log.Log, message: hi}\n"

Found = tuple[str, int, int, str]


def parsed(text: str, *, catalog: bool = True) -> ParsedFlow:
    return parse_flow(text, FewTypes() if catalog else None)


def found(text: str) -> list[Found]:
    """Return (path, line, column, message) of everything that is wrong."""
    result = parsed(text)
    assert result.flow is None
    return [(each.path, each.line, each.column, each.message) for each in result.errors]


def the_one(text: str) -> Found:
    violations = found(text)
    assert len(violations) == 1, violations
    return violations[0]
