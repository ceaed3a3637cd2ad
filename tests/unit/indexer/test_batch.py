from __future__ import annotations

from services.indexer.batch import Decoder
from toccata.runtime.fetch import Fetched


def test_events_of_a_newer_version_are_passed_over_and_not_given_up() -> None:
    """An old indexer buried them during a rolling upgrade, a thousand in a minute stopped it."""
    values = [b'{"type":"execution.frozen.v1","execution_id":"e"}', b"{"]
    records = [Fetched("executions.events", 0, n, 0, b"e", value, []) for n, value in enumerate(values)]

    newer, broken = Decoder().decode(records)

    assert (newer.seen, newer.reason) == (None, "")
    assert broken.seen is None
    assert "not JSON" in broken.reason
