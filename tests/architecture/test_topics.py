"""The table of topics agrees with the code about who writes and who reads each topic."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.codec import message_types
from contracts.message import Message, type_of
from contracts.topics import REPLY_TOPICS, TOPICS

SERVICES = Path(__file__).parents[2] / "services"
OWNERS = {
    "executor/executions": "executor",
    "executor/dispatch": "dispatch",
    "executor/limits": "limits",
    "executor/registry": "registry",
    "executor": "executor",
    "trigger_listener": "trigger-listener",
    "worker": "worker",
    "indexer": "indexer",
    "web": "web",
}
PROCESSORS = {
    "executions": "executor",
    "dispatch": "dispatch",
    "limits": "limits",
    "registry": "registry",
    "triggers": "trigger-listener",
}
BY_RUNTIME = {
    "dead",
    "flows.state",
    "replies",
    "namespaces.commands",
    "namespaces.state",
    "projection.commands",
}
"""The runtime has dead letters, the flow table, the tail of answers, the values and files of namespaces, and requests about the past."""
SENDING = {"Outgoing", "post", "send", "append", "ask"}


def _owner(path: Path) -> str | None:
    relative = path.relative_to(SERVICES).as_posix()
    found = [name for folder, name in OWNERS.items() if relative.startswith(folder + "/")]
    return found[0] if found else None


def _mentions() -> Iterator[tuple[str, str, bool]]:
    """Yield (service, topic, is sent) for every topic that a service's code names."""
    for path in SERVICES.rglob("*.py"):
        owner = _owner(path)
        if owner is None:
            continue
        tree = ast.parse(path.read_text())
        sent: set[int] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if name.lstrip("_") in SENDING or name.startswith("_send"):
                    sent.add(id(node.args[0]))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in TOPICS:
                yield owner, node.value, id(node) in sent
            elif isinstance(node, ast.ImportFrom) and node.module == "contracts.address":
                yield from ((owner, topic, False) for topic in _answered_by(owner))


def _answered_by(service: str) -> Iterator[str]:
    """Yield the topics to which it answers. An attempt says which of them, and no code."""
    yield from (topic for topic in REPLY_TOPICS if service in {"worker", "dispatch"})


def test_who_names_a_topic_is_its_writer_or_reader() -> None:
    wrong = sorted(
        {
            (service, topic)
            for service, topic, _ in _mentions()
            if service not in TOPICS[topic].writers | TOPICS[topic].readers and not _composes(service, topic)
        }
    )
    assert not wrong


def _composes(service: str, topic: str) -> bool:
    """The executor's ``__main__`` names the inputs of its processors."""
    return service == "executor" and bool({"dispatch", "limits", "registry"} & TOPICS[topic].readers)


def test_who_sends_to_a_topic_is_its_writer() -> None:
    wrong = sorted(
        {
            (service, topic)
            for service, topic, is_sent in _mentions()
            if is_sent and service not in TOPICS[topic].writers
        }
    )
    assert not wrong


def test_every_writer_and_reader_of_the_table_is_real() -> None:
    named: dict[str, set[str]] = defaultdict(set)
    for service, name, _ in _mentions():
        named[name].add(service)
        if service == "executor":
            named[name] |= {"dispatch", "limits", "registry"} & TOPICS[name].readers
    missing = []
    for topic in TOPICS.values():
        processor = topic.name.split(".")[0 if not topic.name.startswith("ownership.") else 1]
        runtime_topic = topic.name.endswith((".journal", ".snapshots")) or topic.name.startswith("ownership.")
        for service in sorted((topic.writers | topic.readers) - {"anyone", "operators"}):
            if runtime_topic and PROCESSORS.get(processor) in {service, "executor"}:
                continue  # the processor runtime builds this topic's name from the processor's
            if topic.name in BY_RUNTIME:
                continue
            if service not in named[topic.name]:
                missing.append((service, topic.name))
    assert not missing


def test_each_public_event_topic_has_one_writer() -> None:
    for topic in TOPICS.values():
        if topic.visibility == "public out" and topic.name.endswith((".events", ".state")):
            assert len(topic.writers) == 1, topic.name


def test_message_types_are_named_once() -> None:
    seen: dict[str, type[Message]] = {}
    for topic in TOPICS.values():
        for message in message_types(topic.messages) if topic.messages is not None else ():
            assert seen.setdefault(type_of(message), message) is message
            assert type_of(message).rsplit(".", 1)[1].startswith("v")


@pytest.mark.parametrize("topic", TOPICS.values(), ids=lambda t: t.name)
def test_topics_have_a_retention_or_are_compacted(topic: object) -> None:
    config = topic.config()  # type: ignore[attr-defined]
    assert "retention.ms" in config or config["cleanup.policy"] == "compact"


@pytest.mark.parametrize("topic", TOPICS.values(), ids=lambda t: t.name)
def test_the_broker_dates_records(topic: object) -> None:
    assert topic.config()["message.timestamp.type"] == "LogAppendTime"  # type: ignore[attr-defined]
