from types import SimpleNamespace
from typing import Any

from contracts.language.types.behaviour import ChildEnd
from contracts.language.types.flowable.loop import Loop, LoopOutput, compiled, result
from contracts.states import State

NO_RENDERING: Any = SimpleNamespace(outputs={})
"""These results render nothing."""


def ends(*states):
    return [
        ChildEnd(f"c{index}", index, f'["v{index}"]', state, {"o": index})
        for index, state in enumerate(states)
    ]


def test_a_warning_is_that_of_the_loop_and_a_failure_counts_more():
    loop = compiled(Loop(values=[1]))
    assert result(loop, NO_RENDERING, ends(State.SUCCESS, State.WARNING), 2).state is State.WARNING
    assert result(loop, NO_RENDERING, ends(State.WARNING, State.CANCELLED), 2).state is State.FAILED
    assert result(loop, NO_RENDERING, [], 0).state is State.SUCCESS


def test_outputs_are_listed_only_if_they_are_declared():
    declared = Loop(values=[1], outputs=[LoopOutput(id="o", type="INT", value="1")])
    assert result(compiled(Loop(values=[1])), NO_RENDERING, ends(State.SUCCESS), 1).outputs["outputs"] == []
    assert result(compiled(declared), NO_RENDERING, ends(State.SUCCESS), 1).outputs["outputs"] == [
        {"item": {"value": "v0", "iteration": 0}, "outputs": {"o": 0}}
    ]
