"""A record that a tail cannot take is passed over, wherever it fails, and the log says where it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from contracts.access import AccessRecord, TokenCreated
from contracts.codec import Codec, UnreadableMessage, encode
from toccata.runtime.fetch import Fetched
from toccata.runtime.metrics import MetricsPage
from toccata.runtime.passed_over import take_each
from toccata.runtime.traffic import TRAFFIC

GOOD = encode(TokenCreated(id="1", name="ci", user="a@b.example", digest="d", scope="read", at=1))
_codec: Codec[AccessRecord] = Codec(AccessRecord)


def records(*values: bytes | None, topic: str = "access.state") -> list[Fetched]:
    return [Fetched(topic, 3, 40 + at, 0, b"key", value, []) for at, value in enumerate(values)]


def a_bug(record: Fetched) -> None:
    if record.offset == 41:
        raise ZeroDivisionError


def unreadable(record: Fetched) -> None:
    _codec.decode(record.value)


@pytest.mark.parametrize(
    ("take", "reason"), [(a_bug, "ZeroDivisionError"), (unreadable, "it has no type")], ids=["bug", "garbage"]
)
def test_the_log_has_its_coordinates_and_those_after_it_are_taken(
    take: Callable[[Fetched], None], reason: str
) -> None:
    taken = []

    def take_and_note(record: Fetched) -> None:
        take(record)
        taken.append(record.offset)

    with capture_logs() as lines:
        take_each(records(GOOD, b"{}", GOOD), take_and_note)
    assert taken == [40, 42]
    [line] = lines
    assert (line["event"], line["log_level"]) == ("record_passed_over", "error")
    assert (line["topic"], line["partition"], line["offset"]) == ("access.state", 3, 41)
    assert reason in line["reason"]


async def test_the_page_of_metrics_counts_them() -> None:
    def refuse(_: Fetched) -> None:
        raise UnreadableMessage("no")

    before = TRAFFIC.passed_over["counted.here"]
    take_each(records(b"", b"", topic="counted.here"), refuse)
    page = (await MetricsPage("test").render({})).decode()
    assert f'toccata_records_passed_over_total{{topic="counted.here"}} {before + 2}.0' in page
