"""What must be true of loops over ranges: each value runs once, with its number, and none is left out."""

from __future__ import annotations

from collections import defaultdict

from contracts.execution import AnyExecutionEvent, ExecutionCreated, ExecutionEnded, TaskRunCreated
from contracts.states import State
from tests.simulation.flows import RANGES
from tests.simulation.requirement import require


class LoopWatch:
    """Follows the events of all journals."""

    def __init__(self) -> None:
        self._flows: dict[str, str] = {}
        self._children: set[str] = set()
        self._begun: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        """By execution around the loop, then by task: the numbers of the values for which it began."""

    def follow(self, event: AnyExecutionEvent) -> None:
        match event:
            case ExecutionCreated():
                self._created(event)
            case TaskRunCreated() if event.iteration is not None:
                self._note(event.execution_id, event.task_id, event.iteration, event.value)
            case ExecutionEnded() if event.state is State.SUCCESS:
                self._ended(event.execution_id)

    def _created(self, event: ExecutionCreated) -> None:
        iteration = event.parent.iteration if event.parent is not None else None
        if event.parent is None or iteration is None:
            self._flows[event.execution_id] = event.flow_id
        elif event.execution_id not in self._children:
            # Its start may come again when its end was forgotten. Then it fails, because it is old.
            self._children.add(event.execution_id)
            self._note(event.parent.execution_id, iteration.task_id, event.parent.index, iteration.value)

    def _note(self, execution_id: str, task_id: str, number: int, value: str | None) -> None:
        expected = RANGES.get(self._flows.get(execution_id, ""))
        if expected is None:
            return
        known = self._begun[execution_id][task_id]
        require(number not in known, f"{execution_id}: value {number} of the loop runs {task_id} twice")
        right = number < len(expected) and value == expected[number]
        require(right, f"{execution_id}: value {number} of the loop is {value}")
        known.append(number)

    def _ended(self, execution_id: str) -> None:
        expected = RANGES.get(self._flows.get(execution_id, ""))
        for task_id, numbers in self._begun[execution_id].items() if expected is not None else ():
            complete = expected is None or len(numbers) == len(expected)
            require(complete, f"{execution_id}: the loop ran {task_id} for the values {numbers} only")
