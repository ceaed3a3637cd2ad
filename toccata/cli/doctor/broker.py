"""Checks Kafka: whether it answers, its version, its topics, and the lag of the projection."""

from __future__ import annotations

from contracts.topics import TOPICS
from toccata.cli.doctor.finding import Finding
from toccata.cli.kafka_away import why_away
from toccata.cli.target.reach import kafka_of
from toccata.cli.target.value import Target
from toccata.runtime.broker_version import is_kafka_4
from toccata.runtime.errors import ToccataError, Transient
from toccata.runtime.fetch import Reader
from toccata.runtime.group_position import GroupPositions
from toccata.runtime.topic_admin import check_topics

_MUCH_LAG = 10_000
_NOT_PROJECTED = frozenset({"workers.events"})
"""Heartbeats are always a little behind, and nobody waits for them."""


async def broker(target: Target) -> list[Finding]:
    kafka = kafka_of(target)
    try:
        wrong = await check_topics(kafka)
        current = await is_kafka_4(kafka)
    except ToccataError as error:
        reason, advice = why_away(kafka, error)
        return [Finding("kafka", "bad", f"cannot be reached at {kafka.bootstrap_servers}: {reason}", advice)]
    found = [
        Finding("kafka", "ok", f"4.0 or newer answers at {kafka.bootstrap_servers}")
        if current
        else Finding(
            "kafka",
            "bad",
            f"what answers at {kafka.bootstrap_servers} is older than 4.0",
            "Upgrade Kafka to 4.0 or newer.",
        )
    ]
    if not wrong:
        return [*found, Finding("topics", "ok", f"all {len(TOPICS)} with prefix {kafka.topic_prefix}")]
    shown = "; ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")
    advice = "`toccata topics create` creates what is missing; partitions are fixed."
    return [*found, Finding("topics", "bad", shown, advice)]


async def lag(target: Target) -> Finding:
    """Records that the indexer has not projected yet."""
    kafka = kafka_of(target)
    topics = [t for t in TOPICS.values() if "indexer" in t.readers and t.name not in _NOT_PROJECTED]
    partitions = [(topic.name, number) for topic in topics for number in range(topic.partitions)]
    reader = Reader(kafka, "toccata-doctor")
    group = GroupPositions(kafka, "toccata-doctor", f"{kafka.topic_prefix}indexer")
    try:
        ends = await reader.end_offsets(partitions)
        begins = await reader.beginning_offsets(partitions)
        projected = await group.committed(partitions)
    except Transient as error:
        return Finding("lag", "bad", str(error), "Try again: Kafka did not answer in time.")
    finally:
        await reader.stop()
        await group.stop()
    if not projected and any(ends[p] > begins[p] for p in partitions):
        advice = "Start the indexer (`toccata serve indexer`), or read its log."
        return Finding("lag", "warn", "unknown: no indexer has reported how far it is", advice)
    behind = sum(max(0, ends[p] - projected.get(p, begins[p])) for p in partitions)
    if behind > _MUCH_LAG:
        advice = "If it does not shrink, the indexer is away or the database is slow: read the indexer's log."
        return Finding("lag", "warn", f"the projection is {behind} records behind", advice)
    return Finding("lag", "ok", f"the projection is {behind} records behind")
