"""A trigger-listener that is killed by events with the text ``poison``, unless it is called with ``mild``.

``python -m tests.support.deadly_listener [mild]`` has the trigger-listener's settings, and runs until SIGTERM.
"""

from __future__ import annotations

import sys

from services.trigger_listener import shell
from services.trigger_listener.__main__ import main
from services.trigger_listener.core.incoming import EventRecord, IncomingEvent, read_event
from tests.support.deadly import MILD, die


def deadly_read(record: EventRecord) -> IncomingEvent:
    if b"poison" in (record.value or b""):
        die()
    return read_event(record)


if __name__ == "__main__":
    if MILD in sys.argv:
        sys.argv.remove(MILD)
    else:
        shell.read_event = deadly_read  # type: ignore[attr-defined] # planted where the shell calls it
    sys.exit(main())
