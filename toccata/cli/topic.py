"""``toccata topics``: create the topics that are missing, and compare those there are with the contract."""

from __future__ import annotations

import asyncio

from contracts.topics import TOPICS
from toccata.cli.errors import CommandError
from toccata.cli.output import say
from toccata.cli.settings import read_settings
from toccata.runtime.errors import Fatal, Transient
from toccata.runtime.log import configure
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.topic_admin import check_topics, ensure_topics

AWAY_ADVICE = "Start it (`toccata standalone` has one), or set TOCCATA_KAFKA_BOOTSTRAP_SERVERS."


def create(replication: int) -> None:
    kafka = _settings()
    try:
        created = asyncio.run(ensure_topics(kafka, replication))
    except Fatal as error:
        raise CommandError(
            f"{error}.", "Partition counts are fixed: use another TOCCATA_KAFKA_TOPIC_PREFIX."
        ) from error
    except Transient as error:
        raise _away(error) from error
    for name in created:
        say(("created", "green"), f" {name}")
    say(f"{len(TOPICS)} topics at {kafka.bootstrap_servers} are as they should be.")


def check() -> None:
    kafka = _settings()
    try:
        wrong = asyncio.run(check_topics(kafka))
    except Transient as error:
        raise _away(error) from error
    for line in wrong:
        say((line, "red"))
    if wrong:
        raise CommandError(
            f"{len(wrong)} of {len(TOPICS)} topics are not right.",
            "`toccata topics create` makes what is missing.",
        )
    say(f"{len(TOPICS)} topics at {kafka.bootstrap_servers} are as they should be.")


def _settings() -> KafkaSettings:
    configure("cli", "error")
    return read_settings().kafka()


def _away(error: Transient) -> CommandError:
    return CommandError(str(error), AWAY_ADVICE)
