"""``core.flow.AllowFailure``: like Sequential, but a failure of its tasks is only a warning outside."""

from __future__ import annotations

from contracts.language.types.declaration import TAIL, FlowableType, Slot
from contracts.language.types.flowable.sequential import following, opening
from contracts.language.types.property import Properties
from contracts.states import State


class AllowFailure(Properties):
    """Runs its tasks one after another. The first that fails ends it as WARNING, and the flow goes on.

    `errors` and `finally` run as in any flowable."""


def compiled(properties: AllowFailure) -> AllowFailure:
    return properties


def ending(state: State) -> State:
    return State.WARNING if state is State.FAILED else state


ALLOW_FAILURE = FlowableType(
    name="io.kestra.plugin.core.flow.AllowFailure",
    title="Run tasks that may fail",
    properties=AllowFailure,
    aliases=("io.kestra.core.tasks.flows.AllowFailure",),
    examples=(
        """id: optional
type: io.kestra.plugin.core.flow.AllowFailure
tasks:
  - id: fragile
    type: io.kestra.plugin.core.execution.Fail
  - id: never
    type: io.kestra.plugin.core.log.Log
    message: this does not run""",
    ),
    slots={"tasks": Slot(required=True), **TAIL},
    compile=compiled,
    opening=opening,
    following=following,
    ending=ending,
)
