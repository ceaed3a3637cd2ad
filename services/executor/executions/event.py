"""What the journal of ``executions`` holds: the public events, and these that only it sees. They carry no ``seq``, since a
public reader must not find gaps. Type names and field names are stored: never rename, add a version and an upcaster."""

from __future__ import annotations

from typing import TypeAlias

from contracts.codec import Codec
from contracts.execution import AnyExecutionEvent, KillExecution
from contracts.message import Message
from contracts.scalars import Millis


class LoopOpened(Message, frozen=True, kw_only=True, tag="execution.loop_opened.v1"):
    """The values of a loop, resolved once. Long lists come as several events: ``first`` is the index of the first."""

    execution_id: str
    task_run_id: str
    first: int
    values: list[str]
    body: list[str]
    """Ids of the tasks that run in sequence for each value."""


class AfterExecutionDue(Message, frozen=True, kw_only=True, tag="execution.after_due.v1"):
    """The execution is about to end, but stays in memory: tasks of ``afterExecution`` follow."""

    execution_id: str


class ExecutionClosed(Message, frozen=True, kw_only=True, tag="execution.closed.v1"):
    """The last task of ``afterExecution`` ended: nothing more follows."""

    execution_id: str
    at: Millis


class KillRemembered(Message, frozen=True, kw_only=True, tag="execution.kill_remembered.v1"):
    """A kill that was read before the start that it refers to."""

    command: KillExecution
    at: Millis


class KillForgotten(Message, frozen=True, kw_only=True, tag="execution.kill_forgotten.v1"):
    """The start came, or did not come in time."""

    execution_id: str


PrivateEvent: TypeAlias = LoopOpened | AfterExecutionDue | ExecutionClosed | KillRemembered | KillForgotten
JournalEvent: TypeAlias = AnyExecutionEvent | PrivateEvent
JOURNAL: Codec[JournalEvent] = Codec(JournalEvent)
