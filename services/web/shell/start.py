"""Starts of executions: the command is appended, and the answer waits for what the executor made of it."""

from __future__ import annotations

from contracts import codec
from contracts.codec import Codec, UnreadableMessage
from contracts.execution import StartExecution
from services.web.core.live import Live
from services.web.core.problem import Problem, invalid_entity
from services.web.ports import Log, Tail
from services.web.shell.executions import Executions
from services.web.shell.projection_lag import ProjectionLag
from toccata.runtime.clock import monotonic
from toccata.runtime.errors import RecordTooLarge

REACTION_SECONDS = 10.0
"""How long an answer waits for the executor to take a start."""
WAIT_SECONDS = 3600.0
"""How long an answer waits for the end, where the caller asked for it."""
_starts: Codec[StartExecution] = Codec(StartExecution)


class Starts:
    def __init__(self, log: Log, tail: Tail, executions: Executions, lag: ProjectionLag) -> None:
        self._log = log
        self._tail = tail
        self._executions = executions
        self._lag = lag

    async def submit(self, command: StartExecution) -> None:
        """Appended when this returns; nothing is awaited of the executor."""
        self._lag.check()
        _check_readable(command)
        # Before the append: its first event may be here before the acknowledgement is.
        self._tail.expect(command.execution_id)
        try:
            await self._log.append("executions.starts", [(command.execution_id, command)])
        except BaseException as error:
            # Not acknowledged: a caller who asks again must not be told that it was.
            self._tail.forget(command.execution_id)
            if isinstance(error, RecordTooLarge):
                raise Problem(413, "payload-too-large", f"Payload too large: {error}") from error
            raise

    async def start(self, command: StartExecution, *, wait: bool, repeatable: bool = False) -> Live | None:
        """The execution as it is once the executor took it, or once it ended; None when that took too long.

        ``repeatable``: the id may be known already, and its start then changes nothing."""
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
    """What the executor would bury must not be acknowledged: too deep, a date beyond the year 9999. Raises Problem."""
    try:
        _starts.decode(codec.encode(command))
    except UnreadableMessage as unreadable:
        raise invalid_entity(f"no execution can be started with this: {unreadable.reason}") from unreadable
    except (UnicodeEncodeError, RecursionError) as error:
        raise invalid_entity(f"no execution can be started with this: {error}") from error
