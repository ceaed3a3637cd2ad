"""Which monthly partitions the tables need. Pure: the present is an argument."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from contracts.scalars import Millis

MONTHS_BACK = 12
"""Older rows, and rows from the future, stay in the DEFAULT partition. Wrong clocks would otherwise create many partitions."""


class Month(NamedTuple):
    year: int
    month: int

    def after(self, count: int) -> Month:
        year, month = divmod(self.year * 12 + self.month - 1 + count, 12)
        return Month(year, month + 1)

    @property
    def begins(self) -> datetime:
        return datetime(self.year, self.month, 1, tzinfo=UTC)

    @property
    def suffix(self) -> str:
        return f"{self.year:04}_{self.month:02}"


def month_of(at: datetime) -> Month:
    return Month(at.year, at.month)


@dataclass(frozen=True, slots=True)
class Horizon:
    """The months around the present: those that always exist, and those that are created on demand."""

    present: Month

    def always(self) -> set[Month]:
        return {self.present.after(count) for count in (-1, 0, 1)}

    def on_demand(self, times: Iterable[datetime]) -> set[Month]:
        """Return the months of these times that deserve a partition."""
        earliest, latest = self.present.after(-MONTHS_BACK), self.present.after(1)
        return {month for at in times if earliest <= (month := month_of(at)) <= latest}


def horizon(now: Millis) -> Horizon:
    return Horizon(month_of(datetime.fromtimestamp(now / 1000, UTC)))
