"""How dates and times are written as texts."""

from __future__ import annotations

from toccata.plugin import Properties, dynamic


class Zoned(Properties):
    """Moments are written in a time zone."""

    time_zone_id: str | None = dynamic(
        None, doc="time zone in which moments are written, such as `Europe/Paris`; without it, the worker's"
    )


class Dated(Zoned):
    """Dates and times have a pattern, in Java's letters."""

    date_format: str = dynamic("yyyy-MM-dd", doc="pattern of dates")
    time_format: str = dynamic("HH:mm:ss[XXX]", doc="pattern of times")
    date_time_format: str = dynamic("yyyy-MM-dd'T'HH:mm:ss.SSS[XXX]", doc="pattern of moments")
