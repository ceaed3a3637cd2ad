"""Starts executions: appends the command, and waits for the executor's reaction."""

from __future__ import annotations

from contracts import codec
from contracts.codec import Codec, UnreadableMessage
from contracts.execution import StartExecution
from services.web.core.live import Live
from services.web.core.problem import Problem, invalid_entity
from services.web.core.write.parts import in_records
from services.web.ports import Log, Tail
from services.web.shell.executions import Executions
from services.web.shell.projection_lag import ProjectionLag
from toccata.runtime.clock import monotonic
from toccata.runtime.errors import RecordTooLarge

REACTION_SECONDS = 10.0
"""How long an answer waits until the executor has taken a start."""
WAIT_SECONDS = 3600.0
"""How long an answer waits for the end, if the caller asks for it."""
_starts: Codec[StartExecution] = Codec(StartExecution)


class Starts:
    def __init__(self, log: Log, tail: Tail, executions: Executions, lag: ProjectionLag) -> None:
        self._log = log
        self._tail = tail
        self._executions = executions
        self._lag = lag

    async def submit(self, command: StartExecution) -> None:
        """Append the command. Does not wait for the executor."""
        self._lag.check()
        _check_readable(command)
        records = in_records(command)
        # This comes before the append, because the first event may arrive before the acknowledgement.
        self._tail.expect(command.execution_id)
        try:
            await self._log.append(
                "executions.admitted", [(command.execution_id, record) for record in records]
            )
        except BaseException as error:
            # The start was not acknowledged, so a caller who asks again must not hear that it was.
            self._tail.forget(command.execution_id)
            if isinstance(error, RecordTooLarge):
                raise Problem(413, "payload-too-large", f"Payload too large: {error}") from error
            raise

    async def start(self, command: StartExecution, *, wait: bool, repeatable: bool = False) -> Live | None:
        """The execution after the executor took it, or, with ``wait``, after its end. None if that takes too long.

        With ``repeatable`` the id may be known already. Its start then changes nothing."""
        if repeatable:
            known = await self._executions.find(command.execution_id)
            if known is not None and (known.ended or not wait):
                return known
        with self._tail.watch(command.execution_id) as watch:
            following = self._executions.following(watch)
            await self.submit(command)
            if repeatable:
                await following.load()
            deadline = monotonic() + (WAIT_SECONDS if wait else REACTION_SECONDS)
            await following.until(lambda live: live.ended or not wait, deadline)
            return following.live


def _check_readable(command: StartExecution) -> None:
    """Raises Problem for a command that the executor cannot read: nested too deeply, or a date beyond the year 9999."""
    try:
        _starts.decode(codec.encode(command))
    except UnreadableMessage as unreadable:
        raise invalid_entity(f"this cannot start an execution: {unreadable.reason}") from unreadable
    except (UnicodeEncodeError, RecursionError) as error:
        raise invalid_entity(f"this cannot start an execution: {error}") from error
