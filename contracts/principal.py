"""Who signs in to Kafka, and what each may do there. The table of topics says it; this turns it into rules. Pure.

A principal is a process, or a kind of client outside. The processors of the executor share one, because they run in its process.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from contracts.topics import TOPICS, Service, Topic

ServicePrincipal: TypeAlias = Literal["web", "trigger-listener", "executor", "worker", "indexer"]
Outsider: TypeAlias = Literal["publisher", "subscriber", "person"]
"""A publisher writes what is public in, a subscriber reads what is public out, and a person does both."""
Principal: TypeAlias = ServicePrincipal | Outsider | Literal["operator"]
"""The operator is a super user: no rule limits it."""
Operation: TypeAlias = Literal["READ", "WRITE", "DELETE", "DESCRIBE"]
"""READ, WRITE and DELETE include DESCRIBE."""

SERVICES: tuple[ServicePrincipal, ...] = get_args(ServicePrincipal)
OUTSIDERS: tuple[Outsider, ...] = get_args(Outsider)
PRINCIPALS: tuple[Principal, ...] = (*SERVICES, *OUTSIDERS, "operator")

_PROCESS: Mapping[Service, ServicePrincipal] = {
    **{name: name for name in SERVICES},
    "dispatch": "executor",
    "limits": "executor",
    "registry": "executor",
}
_OWNERSHIP = "ownership."
_GROUPS: Mapping[str, tuple[ServicePrincipal, tuple[ServicePrincipal, ...]]] = {
    "indexer": ("indexer", ("executor",)),
    "events": ("trigger-listener", ()),
}
"""Consumer groups without members: who commits, and who looks how far it is. The other groups are those of ``ownership.*``."""
_OF_THE_BROKER = ("__consumer_offsets", "__transaction_state", "__share_group_state")
ANY = "*"


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """One access rule of Kafka. ``name`` is the full name of a topic or a group, or ``*`` for all of them."""

    principal: Principal
    resource: Literal["group", "topic"]
    name: str
    operation: Operation
    allowed: bool = True
    """A rule that denies wins over all that allow."""


def user_of(principal: Principal, prefix: str) -> str:
    """The name that it signs in with. It carries the prefix of the topics, so that two systems can share a cluster."""
    system = prefix.rstrip("._-")
    return f"{system}-{principal}" if system else principal


def writers(topic: Topic) -> frozenset[Principal]:
    """Who may write it, besides the operator."""
    outside: set[Principal] = {"publisher", "person"} if topic.visibility == "public in" else set()
    return frozenset(outside | _processes(topic.writers))


def readers(topic: Topic) -> frozenset[Principal]:
    """Who may read it, besides the operator."""
    outside: set[Principal] = {"subscriber", "person"} if topic.visibility == "public out" else set()
    return frozenset(outside | _processes(topic.readers))


def truncaters(topic: Topic) -> frozenset[Principal]:
    """Who may delete its oldest records: the owner of a journal, below what its snapshots hold."""
    return frozenset(_processes(topic.writers) if topic.name.endswith(".journal") else ())


def groups() -> dict[str, frozenset[Principal]]:
    """Our consumer groups without their prefix, and who may be a member of each or commit its offsets."""
    owned = {
        name.removeprefix(_OWNERSHIP): readers(TOPICS[name]) for name in TOPICS if name.startswith(_OWNERSHIP)
    }
    return owned | {name: frozenset[Principal]({committer}) for name, (committer, _) in _GROUPS.items()}


def rules(prefix: str, foreign: Collection[str] = ()) -> list[Rule]:
    """Everything that is allowed to anybody but the operator; Kafka refuses the rest.

    ``foreign`` are topics of others that Event triggers may name. ``*`` stands for all topics of the cluster but ours."""
    found = [*_topic_rules(prefix), *_group_rules(prefix), *_foreign_rules(prefix, foreign)]
    return sorted(set(found))


def _topic_rules(prefix: str) -> Iterator[Rule]:
    for topic in TOPICS.values():
        name = prefix + topic.name
        for principal in readers(topic):
            yield Rule(principal, "topic", name, "READ")
        for principal in writers(topic):
            yield Rule(principal, "topic", name, "WRITE")
        for principal in truncaters(topic):
            yield Rule(principal, "topic", name, "DELETE")


def _group_rules(prefix: str) -> Iterator[Rule]:
    """Readers outside choose the names of their groups, but never ours."""
    readers_outside: tuple[Principal, ...] = ("subscriber", "person")
    for principal in readers_outside:
        yield Rule(principal, "group", ANY, "READ")
    for name, members in groups().items():
        for principal in members:
            yield Rule(principal, "group", prefix + name, "READ")
        for principal in readers_outside:
            # To deny READ alone would leave DESCRIBE, which the rule for all groups includes.
            yield Rule(principal, "group", prefix + name, "READ", allowed=False)
            yield Rule(principal, "group", prefix + name, "DESCRIBE", allowed=False)
    for name, (_, observers) in _GROUPS.items():
        for observer in observers:
            yield Rule(observer, "group", prefix + name, "DESCRIBE")


def _foreign_rules(prefix: str, foreign: Collection[str]) -> Iterator[Rule]:
    for name in foreign:
        yield Rule("trigger-listener", "topic", name, "READ")
    if ANY in foreign:
        closed = [
            prefix + topic.name for topic in TOPICS.values() if "trigger-listener" not in readers(topic)
        ]
        for name in (*closed, *_OF_THE_BROKER):
            yield Rule("trigger-listener", "topic", name, "READ", allowed=False)


def _processes(services: Collection[Service]) -> set[Principal]:
    return {_PROCESS[service] for service in services if service in _PROCESS}
