"""``toccata topics``: lists topics, creates missing ones, and compares existing ones with the contract."""

from __future__ import annotations

import asyncio

from contracts.topics import TOPICS
from toccata.cli.errors import CommandError
from toccata.cli.kafka_away import kafka_away
from toccata.cli.option import Form
from toccata.cli.output import say, say_table, say_value
from toccata.cli.target.reach import kafka_of
from toccata.cli.target.value import Target
from toccata.runtime.errors import Fatal, Transient
from toccata.runtime.log import configure
from toccata.runtime.topic_admin import check_topics, ensure_topics


def list_all(form: Form) -> None:
    rows = [
        {
            "name": topic.name,
            "key": topic.key,
            "partitions": topic.partitions,
            "visibility": topic.visibility,
            "writers": sorted(topic.writers),
            "readers": sorted(topic.readers),
        }
        for topic in TOPICS.values()
    ]
    if form != "table":
        say_value(rows, form)
        return
    say_table(
        ("TOPIC", "KEY", "PARTITIONS", "VISIBILITY", "WRITTEN BY", "READ BY"),
        [
            (
                topic.name,
                topic.key,
                str(topic.partitions),
                topic.visibility,
                ", ".join(sorted(topic.writers)),
                ", ".join(sorted(topic.readers)),
            )
            for topic in TOPICS.values()
        ],
    )


def create(target: Target, replication: int) -> None:
    configure("cli", "error")
    kafka = kafka_of(target)
    try:
        created = asyncio.run(ensure_topics(kafka, replication))
    except Fatal as error:
        raise CommandError(
            f"{error}.", "Partition counts are fixed: use another TOCCATA_KAFKA_TOPIC_PREFIX."
        ) from error
    except Transient as error:
        raise kafka_away(kafka, error) from error
    for name in created:
        say(("created or corrected", "green"), f" {name}")
    say(f"{len(TOPICS)} topics at {kafka.bootstrap_servers} are as they should be.")


def check(target: Target) -> None:
    configure("cli", "error")
    kafka = kafka_of(target)
    try:
        wrong = asyncio.run(check_topics(kafka))
    except Transient as error:
        raise kafka_away(kafka, error) from error
    for line in wrong:
        say((line, "red"))
    if wrong:
        raise CommandError(
            f"{len(wrong)} of {len(TOPICS)} topics are wrong.",
            "`toccata topics create` creates what is missing.",
        )
    say(f"{len(TOPICS)} topics at {kafka.bootstrap_servers} are as they should be.")
