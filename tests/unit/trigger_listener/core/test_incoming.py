"""A Kafka record as the event that triggers see."""

from __future__ import annotations

import pytest

from contracts.cloudevent import InvalidCloudEvent
from services.trigger_listener.core.incoming import read_event
from tests.unit.trigger_listener.core.record import HEADERS, Record


def test_a_cloud_event_is_seen_as_trigger_variables() -> None:
    event = read_event(Record())

    assert event.variables == {
        "type": "order.created",
        "source": "/shop/berlin",
        "subject": "orders/1",
        "id": "o-1",
        "time": "2026-03-01T08:15:30.120Z",
        "data": {"amount": 12},
        "headers": HEADERS,
    }


def test_plain_json_is_taken_on_named_topics_with_its_coordinates_as_identity() -> None:
    event = read_event(Record(topic="shop.orders", headers=[("x", b"1")], value=b'{"a": 1}'))

    assert (event.type, event.source, event.id) == ("", "kafka:shop.orders", "shop.orders/3/42")
    assert event.variables["data"] == {"a": 1}
    assert event.variables["time"] == "2026-03-01T08:15:30.000Z"
    assert event.variables["headers"] == {"x": "1"}


def test_text_is_taken_on_named_topics_and_a_tombstone_has_no_data() -> None:
    assert read_event(Record(topic="x", headers=[], value=b"hello")).variables["data"] == "hello"
    assert read_event(Record(topic="x", headers=[], value=None)).variables["data"] is None


@pytest.mark.parametrize(
    "record",
    [
        Record(headers=[]),
        Record(headers=[("ce_id", b"1")]),
        Record(value=b"{not json"),
        Record(headers=[("ce_id", b"\xff")]),
        Record(topic="x", headers=[], value=b"\xff\xfe"),
    ],
)
def test_what_is_no_event_is_refused_with_a_reason(record: Record) -> None:
    with pytest.raises(InvalidCloudEvent, match=r".+"):
        read_event(record)
