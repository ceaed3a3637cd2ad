"""ForEachItem: its parts, what each child sees, and how the ends of children become outputs."""

import json
from typing import Any

import pytest

from contracts.language.flow.parse import parse_flow
from contracts.language.types.behaviour import ChildEnd, RenderingFailed
from contracts.language.types.flowable.for_each_item import Items, compiled_items, opening, result, sees
from contracts.states import State

FLOW = """
id: f
namespace: tests
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEachItem
    items: "{{ inputs.file }}"
    namespace: tests
    flowId: child
    workerGroup: {key: big}
    EXTRA
"""


class Storing:
    """Renders templates as they are written, and keeps what is stored."""

    def __init__(self) -> None:
        self.files: list[str] = []

    def text(self, template: Any) -> str:
        return str(template.source)

    def stored(self, text: str) -> str:
        self.files.append(text)
        return f"kestra:///{len(self.files)}"


def storing() -> Any:
    return Storing()


def items(**more: Any) -> Any:
    return compiled_items(
        Items(namespace="n", flow_id="f", number_of_batches="3", batch_uri="kestra:///b-{index}.txt", **more)
    )


def ends(*states: State, outputs: dict[str, Any] | None = None) -> list[ChildEnd]:
    return [ChildEnd(f"c{at}", at, "", state, outputs or {}) for at, state in enumerate(states)]


def test_it_consists_of_three_tasks_which_run_where_it_runs():
    flow = parse_flow(
        FLOW.replace("EXTRA", "errors: [{id: e, type: io.kestra.plugin.core.log.Log, message: e}]"), None
    ).flow
    assert flow is not None
    (each,) = flow.tasks
    assert {name: [task.id for task in tasks] for name, tasks in each.children.items()} == {
        "tasks": ["each_split", "each_items", "each_merge"],
        "errors": ["e"],
    }
    assert {task.worker_group.key for task in each.children["tasks"] if task.worker_group} == {"big"}


def test_its_ids_are_taken():
    other = FLOW + "  - {id: each_items, type: io.kestra.plugin.core.log.Log, message: x}\n"
    errors = parse_flow(other.replace("EXTRA", ""), None).errors
    assert [each.message for each in errors] == ["Duplicate task id with name [each_items]"]


def test_it_may_not_run_its_own_flow():
    errors = parse_flow(FLOW.replace("EXTRA", "").replace("flowId: child", "flowId: f"), None).errors
    assert [each.message for each in errors] == ["Recursive call to flow [tests.f]"]


def test_a_child_sees_its_batch_and_its_number():
    assert opening(items(), storing()).values == ["", "", ""]
    assert sees(items(), storing(), 2) == {"items": "kestra:///b-2.txt", "iteration": 2}


@pytest.mark.parametrize("number", ["100001", "many"])
def test_too_many_batches_are_refused(number):
    compiled = compiled_items(Items(namespace="n", flow_id="f", number_of_batches=number, batch_uri="x"))
    with pytest.raises(RenderingFailed, match="batches"):
        opening(compiled, storing())


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((State.SUCCESS, State.WARNING), State.WARNING),
        ((State.KILLED, State.WARNING), State.KILLED),
        ((State.KILLED, State.FAILED), State.FAILED),
        ((), State.SUCCESS),
    ],
)
def test_the_worst_end_counts(states, expected):
    assert result(items(), storing(), ends(*states), len(states)).state is expected
    silent = result(items(transmit_failed=False), storing(), ends(*states), len(states))
    assert silent.state is State.SUCCESS


def test_outputs_are_stored_in_the_order_of_the_batches_by_pages():
    kept, large = storing(), "x" * 100_000
    given = [ChildEnd(f"c{at}", at, "", State.SUCCESS, {"n": at, "text": large}) for at in (3, 1, 0, 2)]
    found = result(items(), kept, given, 4)
    assert found.outputs == {
        "numberOfBatches": 4,
        "iterations": {"CREATED": 0, "RUNNING": 0, "SUCCESS": 4},
        "subflowOutputsBaseUri": "kestra:///3",
    }
    *pages, listing = kept.files
    rows = [json.loads(line)["n"] for page in pages for line in page.splitlines()]
    assert (rows, len(pages), listing) == ([0, 1, 2, 3], 2, "kestra:///1\nkestra:///2\n")


def test_without_waiting_only_the_number_is_known():
    found = result(items(wait=False), storing(), ends(State.SUCCESS), 1)
    assert (found.state, found.outputs) == (State.SUCCESS, {"numberOfBatches": 1})
