"""CloudEvents in Kafka's binary mode."""

from __future__ import annotations

import pytest

from contracts.cloudevent import CloudEvent, InvalidCloudEvent, binary_headers, read_binary


def test_what_was_written_is_read() -> None:
    headers = binary_headers("100%20/é", "order.paid.v1", "/shop", "2026-01-01T10:00:00Z", "order-7")

    event = read_binary(headers, b'{"total": 7}')

    assert event == CloudEvent(
        "100%20/é", "/shop", "order.paid.v1", {"total": 7}, "order-7", "2026-01-01T10:00:00Z", {}
    )


def test_a_record_without_headers_is_no_cloudevent() -> None:
    assert read_binary([("content-type", b"application/json")], b"{}") is None


def test_extensions_and_text_are_kept() -> None:
    headers = [*binary_headers("1", "t", "s", "2026-01-01T10:00:00Z", "x"), ("ce_tenant", b"a")]
    headers = [
        ("content-type", b"text/plain") if name == "content-type" else (name, value)
        for name, value in headers
    ]

    event = read_binary(headers, b"hello")

    assert event is not None
    assert (event.data, event.extensions) == ("hello", {"tenant": "a"})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ce_id": None}, "ce_id"),
        ({"ce_type": b""}, "ce_type"),
        ({"ce_specversion": b"0.3"}, "specversion"),
        ({"ce_time": b"yesterday"}, "ce_time"),
        ({"ce_source": b"\xff"}, "UTF-8"),
    ],
)
def test_every_error_is_reported(change: dict[str, bytes | None], says: str) -> None:
    headers = dict(binary_headers("1", "t", "s", "2026-01-01T10:00:00Z", "x")) | change

    with pytest.raises(InvalidCloudEvent, match=says):
        read_binary([(name, value) for name, value in headers.items() if value is not None], b"{}")


def test_a_value_that_is_not_what_its_type_says_is_refused() -> None:
    with pytest.raises(InvalidCloudEvent, match="not JSON"):
        read_binary(binary_headers("1", "t", "s", "2026-01-01T10:00:00Z", "x"), b"{")
