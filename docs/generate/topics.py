"""The pages of topics and messages, from the table of topics and the message types."""

from __future__ import annotations

from typing import Any

import msgspec

from contracts.codec import message_types
from contracts.generate import OUTSIDE
from contracts.message import Message, type_of
from contracts.principal import OUTSIDERS, SERVICES, Principal, groups, readers, truncaters, writers
from contracts.topics import FOREVER, TOPICS, Topic
from docs.generate.source import field_docs, own_doc
from docs.generate.table import Pages, code, page, sentence, table

_HOUR = 3_600_000
INTRODUCTION = """
Every topic that Toccata uses. All names have a prefix: `toccata.`, or the value of `TOCCATA_KAFKA_TOPIC_PREFIX`.
`toccata topics create` creates missing topics with these settings.
Anybody may write topics that are *public in*, and read topics that are *public out*.
A *documented* topic is for workers in other languages. A *private* topic may change without notice.
"""
GRANTS = """
A principal is who signs in to Kafka: a process of ours, or a kind of client outside. This is what each may do; Kafka refuses the rest.
`toccata topics create --acls` makes these rules on your own cluster, and `toccata topics acls` prints them. A standalone and the compose file have them already.
The name of each user begins with the prefix of the topics: `toccata-web`, `toccata-publisher` …
Who reads as *subscriber* or *person* chooses the names of consumer groups, except those of the services.
The trigger-listener also reads every topic that an [Event trigger](../language/triggers.md#event) names. The *operator* may do everything.
"""
MESSAGES = """
The messages on the topics that others may write or read. A value is JSON. Its field `type` names the message.
Public events are CloudEvents 1.0 in binary mode: their attributes are headers of the record (`ce_id`, `ce_type`, `ce_source` …).
A reader ignores fields that it does not know. Times are milliseconds since 1970.
The messages are also described in [AsyncAPI 3](schemas/asyncapi.json) and in JSON Schema, one file for each topic. [Topics](topics.md) links to these files.
"""


def pages() -> Pages:
    rows = [_row(topic) for topic in TOPICS.values()]
    header = ("topic", "key", "partitions", "kept", "written by", "read by", "visibility", "messages")
    listed = {
        message
        for topic in TOPICS.values()
        if _is_documented(topic)
        for message in message_types(topic.messages)
    }
    sections = [part for each in sorted(listed, key=type_of) for part in _message(each)]
    return {
        "reference/topics.md": page("Topics", INTRODUCTION, table(header, rows), *_grants()),
        "reference/messages.md": page("Messages", MESSAGES, *sections),
    }


def _grants() -> list[str]:
    """What each principal may do, as the rules for Kafka say."""
    header = ("principal", "writes", "reads", "deletes old records of", "groups")
    rows = [(code(principal), *map(_names, _allowed(principal))) for principal in (*SERVICES, *OUTSIDERS)]
    return ["## What each principal may do {#grants}", GRANTS, table(header, rows)]


def _allowed(principal: Principal) -> list[list[str]]:
    topics = [
        [topic.name for topic in TOPICS.values() if principal in who(topic)]
        for who in (writers, readers, truncaters)
    ]
    return [*topics, [name for name, members in groups().items() if principal in members]]


def _names(names: list[str]) -> str:
    return ", ".join(map(code, names))


def _is_documented(topic: Topic) -> bool:
    return topic.visibility in OUTSIDE and topic.messages is not None


def _row(topic: Topic) -> tuple[str, ...]:
    return (
        code(topic.name),
        topic.key,
        str(topic.partitions),
        _kept(topic),
        ", ".join(sorted(topic.writers)),
        ", ".join(sorted(topic.readers)),
        topic.visibility,
        _messages(topic),
    )


def _kept(topic: Topic) -> str:
    if topic.compact:
        return "the latest of each key"
    if topic.retention_ms == FOREVER:
        return "until a snapshot covers it"
    hours = (topic.retention_ms or 0) // _HOUR
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours" if hours > 1 else "1 hour"


def _messages(topic: Topic) -> str:
    if topic.name == "events":
        return "any CloudEvent"
    if topic.messages is None:
        return ""
    names = [type_of(each) for each in message_types(topic.messages)]
    if not _is_documented(topic):
        return ", ".join(code(name) for name in names)
    links = ", ".join(f"[`{name}`](messages.md#{anchor(name)})" for name in names)
    return f"{links} ([JSON Schema](schemas/{topic.name}.json))"


def anchor(name: str) -> str:
    return name.replace(".", "-").replace("_", "-")


def _message(message: type[Message]) -> list[str]:
    docs = field_docs(message)
    rows = [
        (code(each.encode_name), _type(each.type), _default(each), sentence(docs.get(each.name, "")))
        for each in msgspec.structs.fields(message)
    ]
    name = type_of(message)
    on = ", ".join(
        code(topic.name)
        for topic in TOPICS.values()
        if topic.messages is not None and message in message_types(topic.messages)
    )
    parts = [f"## {name} {{#{anchor(name)}}}", f"On {on}.", own_doc(message).replace("``", "`")]
    return [*parts, table(("field", "type", "default", "meaning"), rows)]


def _type(annotation: Any) -> str:
    return _name(msgspec.inspect.type_info(annotation))


def _name(info: Any) -> str:
    """The type in JSON's words."""
    inspect = msgspec.inspect
    match info:
        case inspect.StrType():
            return "text"
        case inspect.IntType():
            return "integer"
        case inspect.FloatType():
            return "number"
        case inspect.BoolType():
            return "boolean"
        case inspect.NoneType():
            return "null"
        case inspect.LiteralType():
            return ", ".join(code(value) for value in info.values)
        case inspect.EnumType():
            return "a " + info.cls.__name__.lower()
        case inspect.UnionType():
            return " or ".join(dict.fromkeys(_name(each) for each in info.types))
        case inspect.ListType() | inspect.SetType() | inspect.VarTupleType():
            return f"list of {_name(info.item_type)}"
        case inspect.TupleType():
            return f"list of {len(info.item_types)}"
        case inspect.DictType():
            return "map"
        case inspect.StructType():
            return info.cls.__name__
        case inspect.Metadata():
            return _name(info.type)
        case _:
            return "any"


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "required"
    if field.default_factory is not msgspec.NODEFAULT:
        return "empty"
    return "" if field.default in (None, "") else code(field.default)
