"""What the person at the terminal sees: progress, and the errors of services. Everything else is in the logs."""

from __future__ import annotations

import sys
import time
from typing import TextIO

import orjson

_REPEAT_SECONDS = 10.0
_LONGEST = 600
_HIDDEN = frozenset({"level", "event", "service", "timestamp", "exception", "exc_info"})


class Terminal:
    """Writes one line for each event. It repeats an error of a service at most every ten seconds."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._last: dict[tuple[str, str], float] = {}

    def say(self, text: str) -> None:
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def heard(self, service: str, line: str) -> None:
        """Show a line of a service if it is an error."""
        if '"error"' not in line:
            return
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError:
            return
        if not isinstance(record, dict) or record.get("level") != "error":
            return
        event = str(record.get("event"))
        now = time.monotonic()
        if now - self._last.get((service, event), -_REPEAT_SECONDS) < _REPEAT_SECONDS:
            return
        self._last[service, event] = now
        fields = " ".join(f"{name}={value}" for name, value in record.items() if name not in _HIDDEN)
        self.say(f"{service}: error: {event} {fields}"[:_LONGEST])
