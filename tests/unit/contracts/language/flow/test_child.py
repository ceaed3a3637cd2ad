from __future__ import annotations

from typing import Any

import pytest

from contracts.language.flow.child import WrittenChild, child_tasks, read_lists
from contracts.language.flow.findings import Findings
from contracts.language.types.declaration import Slot
from contracts.language.yaml_text.document import load_document

A: dict[str, object] = {"id": "a"}
B: dict[str, object] = {"id": "b"}


def read(slot: Slot, value: Any) -> tuple[dict[str, list[WrittenChild]], list[str]]:
    findings = Findings(load_document("id: x\n"), checks_expressions=False)
    lists = {name: list(children) for name, children in read_lists(slot, value, ("t", "slot"), findings)}
    return lists, [f"{violation.path}: {violation.message}" for violation in findings.errors]


def test_a_list_is_one_list_of_tasks():
    lists, errors = read(Slot(), [A, B])
    assert lists == {"slot": [WrittenChild(A, ("t", "slot", 0)), WrittenChild(B, ("t", "slot", 1))]}
    assert errors == []


def test_cases_are_a_list_each():
    lists, errors = read(Slot("cases"), {"x": [A], "y.z": [B]})
    assert lists == {
        "slot.x": [WrittenChild(A, ("t", "slot", "x", 0))],
        "slot.y.z": [WrittenChild(B, ("t", "slot", "y.z", 0))],
    }
    assert errors == []


def test_a_dag_names_for_each_task_what_it_waits_for():
    lists, errors = read(Slot("dag"), [{"task": A}, {"task": B, "dependsOn": ["a"]}])
    assert lists == {
        "slot": [
            WrittenChild(A, ("t", "slot", 0, "task")),
            WrittenChild(B, ("t", "slot", 1, "task"), ("a",)),
        ]
    }
    assert errors == []


@pytest.mark.parametrize(
    ("slot", "value", "error"),
    [
        (Slot(required=True), [], "t.slot: must not be empty"),
        (Slot("cases", required=True), {}, "t.slot: must not be empty"),
        (Slot("dag", required=True), None, "t.slot: must not be empty"),
        (Slot(), {"a": 1}, "t.slot: must be a list, not a map"),
        (Slot("cases"), [A], "t.slot: must be a map of lists, not a list"),
        (Slot("cases"), {"x": A}, "t.slot.x: must be a list, not a map"),
        (Slot("dag"), [{"dependsOn": []}], "t.slot[0].task: must not be null"),
        (Slot("dag"), [{"task": 1}], "t.slot[0].task: must be a map, not `1`"),
        (
            Slot("dag"),
            [{"task": A, "dependsOn": "b"}],
            "t.slot[0].dependsOn: must be a list of task ids, not `b`",
        ),
        (
            Slot("dag"),
            [{"task": A, "needs": []}],
            't.slot[0].needs: Unrecognized field "needs", not marked as ignorable (2 known properties: "dependsOn", "task")',
        ),
    ],
)
def test_a_wrong_shape_is_refused_at_its_place(slot: Slot, value: Any, error: str):
    assert read(slot, value)[1] == [error]


def test_child_tasks_of_a_written_task_follow_the_slots_of_its_type():
    written = {"type": "io.kestra.core.tasks.flows.If", "then": [A, "no task"], "errors": [B], "tasks": [A]}
    assert list(child_tasks(written)) == [A, B]
    assert list(child_tasks({"type": "x.Y", "tasks": [A]})) == []
    assert list(child_tasks({"tasks": [A]})) == []
