"""``core.execution.Exit``: end the execution at once."""

from __future__ import annotations

from contracts.language.types.property import Properties, dynamic
from contracts.language.types.pure import PureTask, Result, Update
from contracts.states import State

_STATES = {
    "SUCCESS": State.SUCCESS,
    "WARNING": State.WARNING,
    "FAILED": State.FAILED,
    "KILLED": State.KILLED,
    "CANCELED": State.CANCELLED,
    "CANCELLED": State.CANCELLED,
}


class Exit(Properties):
    """Ends the execution in a state. The task and all flowables around it get the same state; tasks that run beside it are
    stopped. `errors` and `finally` do not run, `afterExecution` does."""

    state: str = dynamic("SUCCESS", doc="SUCCESS, WARNING, FAILED, KILLED or CANCELLED")


def decide(task: Exit) -> Result:
    state = _STATES.get(task.state.strip().upper())
    if state is None:
        return Result(
            failure=f"`state` must be SUCCESS, WARNING, FAILED, KILLED or CANCELLED, not `{task.state}`"
        )
    return Result(update=Update(exit=state))


EXIT = PureTask(
    name="io.kestra.plugin.core.execution.Exit",
    title="End the execution",
    properties=Exit,
    decide=decide,
    updates=True,
    examples=("id: enough\ntype: io.kestra.plugin.core.execution.Exit\nstate: SUCCESS",),
)
