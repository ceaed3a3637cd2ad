"""What each principal may do on Kafka: derived from the table of topics, and nothing more than that."""

from __future__ import annotations

import pytest

from contracts.codec import Codec, UnreadableMessage, message_types
from contracts.execution import AttemptReport, ExecutionCommand
from contracts.message import type_of
from contracts.principal import (
    OUTSIDERS,
    PRINCIPALS,
    SERVICES,
    Rule,
    groups,
    readers,
    rules,
    truncaters,
    user_of,
    writers,
)
from contracts.topics import TOPICS, Topic
from services.indexer.settings import GROUP as INDEXER_GROUP
from services.trigger_listener.adapters.kafka import GROUP as EVENTS_GROUP

ALL = rules("toccata.")


def _may(principal: str, operation: str, name: str, resource: str = "topic") -> bool:
    """As Kafka decides: a denial wins, and nothing is allowed that no rule allows."""
    wanted = (principal, operation, resource)
    fitting = [
        rule
        for rule in ALL
        if (rule.principal, rule.operation, rule.resource) == wanted and rule.name in (name, "*")
    ]
    return bool(fitting) and all(rule.allowed for rule in fitting)


@pytest.mark.parametrize("topic", TOPICS.values(), ids=lambda topic: topic.name)
def test_a_rule_allows_what_the_table_says_and_nothing_else(topic: Topic) -> None:
    for principal in (*SERVICES, *OUTSIDERS):
        assert _may(principal, "READ", f"toccata.{topic.name}") == (principal in readers(topic))
        assert _may(principal, "WRITE", f"toccata.{topic.name}") == (principal in writers(topic))
        assert _may(principal, "DELETE", f"toccata.{topic.name}") == (principal in truncaters(topic))


def test_who_may_publish_events_can_do_nothing_else() -> None:
    may = {(rule.resource, rule.operation, rule.name) for rule in ALL if rule.principal == "publisher"}
    assert may == {("topic", "WRITE", "toccata.events"), ("topic", "WRITE", "toccata.executions.starts")}


def test_who_may_subscribe_writes_nothing_and_reads_only_what_is_public_out() -> None:
    mine = [rule for rule in ALL if rule.principal == "subscriber"]
    assert {rule.operation for rule in mine if rule.allowed} == {"READ"}
    public = {f"toccata.{topic.name}" for topic in TOPICS.values() if topic.visibility == "public out"}
    assert {rule.name for rule in mine if rule.resource == "topic"} == public


def test_a_person_may_do_what_publisher_and_subscriber_may() -> None:
    for topic in TOPICS.values():
        assert ("person" in writers(topic)) == ("publisher" in writers(topic))
        assert ("person" in readers(topic)) == ("subscriber" in readers(topic))


def test_an_outcome_cannot_be_forged_from_outside() -> None:
    for name in (
        "executions.commands",
        "executions.reports",
        "workers.events",
        "workers.inbox",
        "registry.commands",
        "dispatch.commands",
    ):
        assert not writers(TOPICS[name]) & set(OUTSIDERS), name


def test_a_worker_says_what_a_worker_says_and_nothing_else() -> None:
    """It can neither kill nor restart an execution, nor give it a slot: no topic that it may write takes such a message. What
    tasks do to the values and files of namespaces, and what they ask of the past, it says, too: a purge deletes only what has ended. The news of leases are dispatch's: they must stand behind the worker's
    reports, and ADR 0027 says why a worker gains nothing by them."""
    said = {
        type_of(message)
        for topic in TOPICS.values()
        if "worker" in writers(topic) and topic.messages is not None
        for message in message_types(topic.messages)
    }
    assert {name.split(".")[0] for name in said} == {"attempt", "lease", "namespace", "projection", "worker"}
    reports: Codec[AttemptReport] = Codec(AttemptReport)
    for command in message_types(ExecutionCommand):
        with pytest.raises(UnreadableMessage):
            reports.decode(f'{{"type": "{type_of(command)}", "execution_id": "x", "at": 1}}'.encode())


def test_the_processors_of_the_executor_share_its_principal() -> None:
    for processor in ("executions", "dispatch", "limits", "registry"):
        assert truncaters(TOPICS[f"{processor}.journal"]) == {"executor"}
        assert groups()[processor] == {"executor"}
    assert truncaters(TOPICS["executions.events"]) == frozenset(), "only a journal is truncated by its owner"


def test_a_reader_outside_has_groups_of_its_own_but_never_ours() -> None:
    for name in groups():
        assert not _may("person", "READ", f"toccata.{name}", "group")
    assert _may("person", "READ", "my-reader", "group")
    assert not _may("worker", "READ", "my-reader", "group")


def test_topics_of_others_are_open_to_the_trigger_listener_alone() -> None:
    more = set(rules("toccata.", ["orders"])) - set(ALL)
    assert more == {Rule("trigger-listener", "topic", "orders", "READ")}


def test_all_foreign_topics_does_not_mean_ours() -> None:
    denied = {
        rule.name
        for rule in rules("toccata.", ["*"])
        if rule.principal == "trigger-listener" and not rule.allowed
    }
    assert {"toccata.registry.commands", "toccata.executions.journal", "__consumer_offsets"} <= denied
    assert not denied & {
        f"toccata.{topic.name}" for topic in TOPICS.values() if "trigger-listener" in readers(topic)
    }


def test_two_systems_on_one_cluster_have_different_users() -> None:
    assert user_of("web", "toccata.") == "toccata-web"
    assert user_of("web", "") == "web"
    assert len(
        {user_of(principal, prefix) for principal in PRINCIPALS for prefix in ("a.", "b.")}
    ) == 2 * len(PRINCIPALS)


def test_groups_without_members_have_the_names_that_services_use() -> None:
    assert groups()[INDEXER_GROUP] == {"indexer"}
    assert groups()[EVENTS_GROUP] == {"trigger-listener"}
