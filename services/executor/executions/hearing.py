"""Which listeners of a flow hear that an execution ends (docs/language/flows.md#listeners)."""

from __future__ import annotations

from contracts.language.expression.impure import NotHere
from contracts.language.expression.template import compile_template
from contracts.language.flow.listener import ConditionUnclear, Ended
from contracts.language.types.behaviour import RenderingFailed
from contracts.states import State
from services.executor.executions.rendering.question import reads_any
from services.executor.executions.rendering.template import scope_of, text_of
from services.executor.executions.rendering.variables import whole_of
from services.executor.executions.turn import Turn, cut


def heard_by(turn: Turn, state: State) -> list[int]:
    """Return the numbers of the listeners whose conditions hold for this end. A condition that cannot be evaluated does not hold."""
    execution = turn.execution

    def render(text: str) -> str:
        template = compile_template(text)
        variables, references = whole_of(turn)
        if reads_any(template, references):
            raise ConditionUnclear("it reads an output that is in storage")
        variables["execution"] = {**variables["execution"], "state": state.value}
        try:
            return text_of(template, scope_of(turn, variables))
        except NotHere as error:
            raise ConditionUnclear(f"only a worker can do that: {error}") from None
        except RenderingFailed as error:
            raise ConditionUnclear(str(error)) from None

    ended = Ended(execution.namespace, execution.flow_id, state, execution.labels, render)
    found = []
    for number, (listener, _) in enumerate(turn.blueprint.hearing):
        try:
            if listener.hears(ended):
                found.append(number)
        except ConditionUnclear as unclear:
            turn.log(
                "WARN",
                cut(
                    f"A condition of listener {number + 1} cannot be evaluated, so it does not hold: {unclear}"
                ),
            )
    return found
