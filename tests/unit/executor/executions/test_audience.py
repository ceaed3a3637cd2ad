"""Which Flow triggers hear of an execution."""

from __future__ import annotations

import textwrap

import pytest

from contracts.registry import FlowState
from contracts.states import State
from services.executor.executions.audience import FlowTriggers

FLOW_TYPE = "io.kestra.plugin.core.trigger.Flow"


class Book:
    """The latest revision of each flow."""

    def __init__(self) -> None:
        self.flows: dict[tuple[str, str], FlowState] = {}
        self.audience = FlowTriggers(lambda namespace, flow_id: self.flows.get((namespace, flow_id)))

    def save(
        self, trigger: str = "", *, namespace: str = "tests", flow_id: str = "listener", more: str = ""
    ) -> None:
        """Save a flow. ``trigger`` is the body of its one Flow trigger."""
        source = f"id: {flow_id}\nnamespace: {namespace}\n{more}\ntasks: [{{id: t, type: io.kestra.plugin.core.log.Log, message: m}}]\n"
        if trigger:
            body = textwrap.indent(textwrap.dedent(trigger).strip(), "    ")
            source += f"triggers:\n  - id: heard\n    type: {FLOW_TYPE}\n{body}\n"
        known = self.flows.get((namespace, flow_id))
        revision = 1 if known is None else known.revision + 1
        state = FlowState(
            namespace=namespace, flow_id=flow_id, revision=revision, source=source, at=0, created_at=0
        )
        self.flows[namespace, flow_id] = state
        self.audience.changed(state)

    def delete(self, flow_id: str = "listener") -> None:
        del self.flows["tests", flow_id]
        gone = FlowState(
            namespace="tests", flow_id=flow_id, revision=9, source="", at=0, created_at=0, deleted=True
        )
        self.audience.changed(gone)

    def hearers(
        self, flow_id: str = "orders", namespace: str = "tests", state: State = State.SUCCESS
    ) -> list[int]:
        """Return the revisions of the triggers that hear."""
        return [hearer.revision for hearer in self.audience.of(namespace, flow_id, state)]


@pytest.fixture
def book() -> Book:
    return Book()


def test_nobody_hears_where_there_is_no_such_trigger(book: Book) -> None:
    book.save()
    assert book.hearers() == []


@pytest.mark.parametrize(
    "trigger",
    [
        "preconditions: {id: p, flows: [{namespace: tests, flowId: orders}]}",
        "dependsOn: [{flowId: orders}]",
        "dependsOn: [{namespace: tests}]",
        "dependsOn: [{namespace: elsewhere}, {namespace: tests, flowId: orders}]",
        "conditions: [{type: io.kestra.plugin.core.condition.ExecutionFlow, namespace: tests, flowId: orders}]",
        "conditions: [{type: io.kestra.plugin.core.condition.ExecutionNamespace, namespace: tests}]",
        "conditions: [{type: io.kestra.plugin.core.condition.ExecutionNamespace, namespace: te, prefix: true}]",
        "preconditions: {id: p, where: [{id: w, filters: [{field: FLOW_ID, type: EQUAL_TO, value: orders}]}]}",
        "states: [SUCCESS]",
    ],
)
def test_a_trigger_hears_of_what_may_concern_it(book: Book, trigger: str) -> None:
    book.save(trigger)
    assert book.hearers() == [1]


@pytest.mark.parametrize(
    "trigger",
    [
        "preconditions: {id: p, flows: [{namespace: tests, flowId: customers}]}",
        "dependsOn: [{namespace: elsewhere}]",
        "conditions: [{type: io.kestra.plugin.core.condition.ExecutionNamespace, namespace: other}]",
        "states: [FAILED]",
    ],
)
def test_it_does_not_hear_of_others(book: Book, trigger: str) -> None:
    book.save(trigger)
    assert book.hearers() == []


def test_executions_of_its_own_flow_never_count(book: Book) -> None:
    book.save("states: [SUCCESS]")
    assert book.hearers("listener") == []
    assert book.hearers("listener", "elsewhere") == [1]


def test_the_latest_revision_counts(book: Book) -> None:
    book.save("dependsOn: [{flowId: orders}]")
    assert book.hearers() == [1]
    book.save("dependsOn: [{flowId: customers}]")
    assert book.hearers() == []
    assert book.hearers("customers") == [2]
    book.save()
    assert book.hearers("customers") == []


def test_what_is_disabled_or_deleted_hears_nothing(book: Book) -> None:
    book.save("disabled: true")
    assert book.hearers() == []
    book.save("states: [SUCCESS]", more="disabled: true")
    assert book.hearers() == []
    book.save("states: [SUCCESS]")
    assert book.hearers() == [3]
    book.delete()
    assert book.hearers() == []


def test_it_knows_what_templates_read(book: Book) -> None:
    book.save(
        """
        inputs: {a: "{{ outputs.only.value }}", b: "{{ trigger.outputs.x }}"}
        conditions: [{type: io.kestra.plugin.core.condition.Expression, expression: "inputs.n == 1"}]
        """
    )
    (hearer,) = book.audience.of("tests", "orders", State.SUCCESS)
    assert hearer.needs == {"outputs": frozenset({"only"}), "inputs": frozenset({"n"})}
