"""What every trigger has that is polled."""

from __future__ import annotations

from datetime import timedelta

from contracts.language.types.property import Duration, Properties, static


class PolledProperties(Properties):
    interval: Duration = static(
        timedelta(seconds=60),
        doc="the time between the end of one poll and the next; less than a second counts as a second",
        gt=timedelta(0),
    )
