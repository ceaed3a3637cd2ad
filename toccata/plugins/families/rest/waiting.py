"""Properties of tasks that start something elsewhere and wait until it has ended."""

from __future__ import annotations

from datetime import timedelta

from toccata.plugin import Duration, Properties, dynamic

HOUR = timedelta(hours=1)


class Waits(Properties):
    wait: bool = dynamic(default=True, doc="false: the task ends as soon as it is started")
    max_duration: Duration = dynamic(HOUR, doc="how long it may take", gt=timedelta(0))
    poll_frequency: Duration = dynamic(
        timedelta(seconds=1), doc="time between two questions whether it has ended", gt=timedelta(0)
    )
