"""The worker group of an attempt (docs/language/tasks.md#worker-group)."""

from __future__ import annotations

from contracts.language.expression.template import compile_template
from contracts.language.flow.model import WorkerGroup
from contracts.language.flow.plan import Node
from contracts.language.types.behaviour import RenderingFailed
from services.executor.executions.rendering.question import AnswerNeeded
from services.executor.executions.rendering.template import render
from services.executor.executions.state import TaskRun
from services.executor.executions.turn import Turn

NAME_CHARS = 200


def written_group(turn: Turn, node: Node | None) -> WorkerGroup | None:
    """Return the task's own, else that of its flow. None stands for the flow itself."""
    own = node.task.worker_group if node is not None else None
    return own or turn.blueprint.plan.flow.worker_group


def group_of(turn: Turn, node: Node, run: TaskRun) -> str:
    """Return the name. Empty: the group of tasks that name none. Raise RenderingFailed or AnswerNeeded."""
    if run.parent is not None and run.parent.directory is not None:
        return run.parent.directory.group
    written = written_group(turn, node)
    if written is None:
        return ""
    name = render(turn, node, run, compile_template(written.key)).strip()
    if not name or len(name) > NAME_CHARS or not name.isprintable():
        raise RenderingFailed(
            f"`workerGroup.key` must give the name of a worker group, of 1 to {NAME_CHARS} printable characters"
        )
    return name


def named(turn: Turn, group: str) -> str:
    return group or turn.setting.group


def group_to_ask(turn: Turn, run: TaskRun | None) -> str:
    """Return the group whose workers evaluate the templates of a run, or of the flow (None): they have its secrets.

    A group that cannot be known without a worker cannot be asked, so then it is that of tasks which name none."""
    if run is None:
        written = written_group(turn, None)
        return written.key if written is not None and "{" not in written.key else turn.setting.group
    try:
        return named(turn, group_of(turn, turn.node_of(run), run))
    except (RenderingFailed, AnswerNeeded):
        return turn.setting.group


def waits(turn: Turn, node: Node | None) -> bool:
    """Return whether the attempt waits for a worker where its group has none."""
    written = written_group(turn, node)
    return written is None or written.fallback in (None, "WAIT")
