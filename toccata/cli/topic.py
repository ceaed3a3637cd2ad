"""``toccata topics``: lists topics, creates missing ones, and compares existing ones with the contract."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from dataclasses import asdict

from contracts.principal import Rule, rules, user_of
from contracts.topics import TOPICS
from toccata.cli.errors import CommandError
from toccata.cli.kafka_away import kafka_away
from toccata.cli.option import Form
from toccata.cli.output import say, say_table, say_value
from toccata.cli.target.reach import kafka_of
from toccata.cli.target.value import Target
from toccata.runtime.errors import Fatal, Transient
from toccata.runtime.kafka_access import put_rules
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


def make_rules(target: Target, foreign: Sequence[str]) -> None:
    """Make the rules for the users whose names begin with the prefix. Leaves other rules as they are."""
    configure("cli", "error")
    kafka = kafka_of(target)
    wanted = rules(kafka.topic_prefix, foreign)
    try:
        asyncio.run(put_rules(kafka, wanted))
    except Fatal as error:
        raise CommandError(f"{error}.", "`toccata topics acls` prints the rules, for another way.") from error
    except Transient as error:
        raise kafka_away(kafka, error) from error
    say(f"{len(wanted)} access rules at {kafka.bootstrap_servers} are as they should be.")


def list_rules(target: Target, foreign: Sequence[str], form: Form) -> None:
    prefix = target.topic_prefix.text
    wanted = rules(prefix, foreign)
    if form != "table":
        say_value([{"user": user_of(rule.principal, prefix), **asdict(rule)} for rule in wanted], form)
        return
    for rule in wanted:
        say(as_command(rule, prefix))


def as_command(rule: Rule, prefix: str) -> str:
    """A rule as an argument list of ``kafka-acls.sh``. The address and the sign-in are left to the person."""
    verb = "allow" if rule.allowed else "deny"
    name = shlex.quote(rule.name)
    return (
        f"kafka-acls.sh --add --{verb}-principal User:{user_of(rule.principal, prefix)}"
        f" --operation {rule.operation.capitalize()} --{rule.resource} {name}"
    )


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
            "`toccata topics create` creates what is missing. Do both as the operator: other users do not see all topics.",
        )
    say(f"{len(TOPICS)} topics at {kafka.bootstrap_servers} are as they should be.")
