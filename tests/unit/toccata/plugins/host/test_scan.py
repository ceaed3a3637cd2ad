from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import pytest

from contracts.language.types.flowable.sequential import SEQUENTIAL
from toccata.plugin import Declaration, Properties, TaskType, TriggerEvent, TriggerType
from toccata.plugins.host.scan import BadDeclaration, declarations_in


async def poll(trigger: Any, run: Any) -> Sequence[TriggerEvent]:
    del trigger, run
    return []


def a_task(name: str) -> TaskType:
    return TaskType(name=name, title="Test", properties=Properties, run="example:run")


def a_trigger(**way: Any) -> TriggerType:
    return TriggerType(name="example.Mail", title="Mail", properties=Properties, **way)


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    made = ModuleType("toccata_test_declaring")
    monkeypatch.setitem(__import__("sys").modules, made.__name__, made)
    return made


def test_every_declaration_of_a_module_is_found_once(module: ModuleType) -> None:
    vars(module).update(A=a_task("example.A"), B=(b := a_task("example.B")), AGAIN=b, poll=poll)
    module.MAIL = a_trigger(started_by="poll", poll=poll)  # type: ignore[attr-defined]
    found = {each.entry.name: each.entry for each in declarations_in([module.__name__])}
    assert set(found) == {"example.A", "example.B", "example.Mail"}
    assert found["example.Mail"].started_by == "poll"


@pytest.mark.parametrize(
    ("declared", "problem"),
    [
        ([a_task("example.A"), a_task("example.A")], "declared twice"),
        ([SEQUENTIAL], "only the engine may declare flowables"),
        ([a_trigger(started_by="engine")], "only the engine's own triggers may"),
        ([a_trigger(started_by="poll")], "has neither `poll` nor `subscribe`"),
    ],
)
def test_a_declaration_that_cannot_work_is_refused(
    module: ModuleType, declared: list[Declaration], problem: str
) -> None:
    vars(module).update({f"D{number}": each for number, each in enumerate(declared)})
    with pytest.raises(BadDeclaration, match=problem):
        list(declarations_in([module.__name__]))
