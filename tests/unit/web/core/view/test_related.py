from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from contracts.execution import ParentRef
from services.web.core.rows import ExecutionRow
from services.web.core.view.related import related


@dataclass
class Row:
    id: str
    parent: ParentRef | None


def row(name: str, parent: str = "") -> ExecutionRow:
    started_by = ParentRef(execution_id=parent, task_run_id="t") if parent else None
    return cast("ExecutionRow", Row(name, started_by))


ROWS = [row("top"), row("child", "top"), row("grandchild", "child"), row("sibling", "top"), row("other")]


def names(execution: str, *, all_of_them: bool, only_started: bool) -> list[str]:
    return [each.id for each in related(ROWS, execution, all_of_them=all_of_them, only_started=only_started)]


def test_the_nearest_are_those_that_it_started_and_the_one_that_started_it() -> None:
    assert names("child", all_of_them=False, only_started=False) == ["top", "child", "grandchild"]
    assert names("child", all_of_them=False, only_started=True) == ["child", "grandchild"]
    assert names("top", all_of_them=False, only_started=False) == ["top", "child", "sibling"]


def test_all_are_all_that_started_one_another() -> None:
    family = ["top", "child", "grandchild", "sibling"]
    assert names("grandchild", all_of_them=True, only_started=False) == family
    assert names("child", all_of_them=True, only_started=True) == ["child", "grandchild"]
    assert names("other", all_of_them=True, only_started=False) == ["other"]
