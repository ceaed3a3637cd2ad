"""What web's page of metrics costs the database."""

from __future__ import annotations

import asyncio
from typing import Any

from services.web.metrics import OpenExecutions
from toccata.runtime.errors import Transient
from toccata.runtime.metrics import MetricsPage


class AwayRows:
    """The projection while PostgreSQL is away."""

    def __init__(self) -> None:
        self.asked = 0

    async def open_counts(self, most: int) -> dict[Any, int]:
        self.asked += 1
        raise Transient("PostgreSQL does not answer")


def test_a_page_that_everybody_may_ask_for_does_not_ask_a_silent_database_each_time() -> None:
    page, rows = MetricsPage("web"), AwayRows()
    OpenExecutions(page, rows)  # type: ignore[arg-type]  # one port of many

    async def asked_often() -> list[bytes]:
        return await asyncio.gather(*(page.render({}) for _ in range(20)))

    pages = asyncio.run(asked_often())
    assert rows.asked == 1
    assert all(b"toccata_executions_age_seconds -1.0" in each for each in pages)
