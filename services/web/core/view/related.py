"""Which of the executions that share a correlation id a caller wants to follow."""

from __future__ import annotations

from collections.abc import Sequence

from services.web.core.rows import ExecutionRow


def related(
    rows: Sequence[ExecutionRow], execution_id: str, *, all_of_them: bool, only_started: bool
) -> list[ExecutionRow]:
    """Return the execution with those that it started, and the one that started it unless ``only_started``. With
    ``all_of_them`` also whatever these started, and so on."""
    parents = {row.id: row.parent.execution_id for row in rows if row.parent is not None}
    found = {execution_id}
    while True:
        around = {each for each, parent in parents.items() if parent in found}
        if not only_started:
            around |= {parents[each] for each in found if each in parents}
        if around <= found:
            break
        found |= around
        if not all_of_them:
            break
    return [row for row in rows if row.id in found]
