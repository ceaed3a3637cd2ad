"""``kafka.*``"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import BaseModel

from toccata.plugin import (
    Data,
    Duration,
    PolledProperties,
    Properties,
    Texts,
    TypeGroup,
    dynamic,
)

Form: TypeAlias = Literal[
    "STRING",
    "INTEGER",
    "LONG",
    "SHORT",
    "FLOAT",
    "DOUBLE",
    "BYTE_ARRAY",
    "BYTE_BUFFER",
    "BYTES",
    "UUID",
    "VOID",
    "JSON",
]
_FORM = "how {} are written; bytes are texts in base64"


class Kafka(Properties):
    properties: dict[str, Any] = dynamic(
        doc="settings in the words of Kafka's Java client; at least `bootstrap.servers`", min_length=1
    )
    serde_properties: dict[str, Any] = dynamic({}, ignored="there is no registry of schemas here")


class Produce(Kafka):
    """Sends records."""

    topic: str | None = dynamic(None, doc="topic of records that name none")
    from_: Data = dynamic(
        alias="from",
        doc="records, each a map of `key`, `value`, `topic`, `partition`, `timestamp`, `headers`: one, a list, or the URI of a file of rows",
    )
    key_serializer: Form = dynamic("STRING", doc=_FORM.format("keys"))
    value_serializer: Form = dynamic("STRING", doc=_FORM.format("values"))
    transactional: bool = dynamic(default=True, doc="send all records in one transaction")


class OnSerdeError(Properties):
    """What becomes of a record that cannot be read."""

    type: Literal["SKIPPED", "DLQ"] = dynamic("SKIPPED", doc="leave it out, or send it to another topic")
    topic: str | None = dynamic(None, doc="with DLQ: that topic")


class Reading(Kafka):
    topic: Texts | None = dynamic(None, doc="topic, or several; this or `topicPattern` must be given")
    topic_pattern: str | None = dynamic(None, doc="regular expression of topics; needs `groupId`")
    partitions: list[int] = dynamic(
        [], doc="only these partitions of `topic`; other members of the group get no part of them"
    )
    group_type: Literal["CONSUMER"] = dynamic("CONSUMER", doc="kind of the group")
    acknowledge_type: str = dynamic("ACCEPT", ignored="it belongs to groups that share records")
    key_deserializer: Form = dynamic("STRING", doc=_FORM.format("keys"))
    value_deserializer: Form = dynamic("STRING", doc=_FORM.format("values"))
    on_serde_error: OnSerdeError | None = dynamic(
        None, doc="what becomes of a record that cannot be read; without it the task fails"
    )
    since: str | None = dynamic(None, doc="where reading begins: a time in ISO 8601")
    header_filters: dict[str, str] = dynamic({}, doc="headers that a record must have, with these values")


class ReadingFiles(Reading):
    poll_duration: Duration = dynamic(
        "PT5S", doc="how long to wait for the next record", validate_default=True
    )
    max_records: int | None = dynamic(None, doc="most records", ge=1)
    max_duration: Duration | None = dynamic(None, doc="how long records are got at most")


class Consume(ReadingFiles):
    """Gets records into a file, until there are no more."""

    group_id: str | None = dynamic(None, doc="group that goes on where it ended; without it all is read")


_GROUP_DOC = (
    "group whose offsets say what was read; they are committed when what was read has started executions"
)


class Trigger(ReadingFiles, PolledProperties):
    """Gets records into a file again and again, and starts an execution with it if there are any."""

    group_id: str = dynamic(doc=_GROUP_DOC, min_length=1)


class RealtimeTrigger(Reading):
    """Starts an execution for each record, as soon as it comes. A record starts one execution, whatever dies meanwhile."""

    group_id: str = dynamic(doc=_GROUP_DOC, min_length=1)


class ProduceOutputs(BaseModel):
    messagesCount: int  # noqa: N815 - the name in flows


class RecordOutputs(BaseModel):
    """A record."""

    key: Any
    value: Any
    topic: str
    headers: list[dict[str, str]]
    partition: int
    timestamp: str
    offset: int


class ConsumeOutputs(ProduceOutputs):
    uri: str
    """A file with a record a row: key, value, headers, topic, partition, timestamp, offset."""


_GROUP = TypeGroup(
    prefix="io.kestra.plugin.kafka",
    run="toccata.plugins.families.kafka.run.task",
    head="properties:\n  bootstrap.servers: localhost:9092\n",
)
PRODUCE = _GROUP.type(
    "Produce",
    "Send records to Kafka",
    Produce,
    ProduceOutputs,
    "topic: orders\nvalueSerializer: JSON\nfrom:\n  - {key: a, value: {id: 1}, headers: {origin: flow}}\n  - {key: b, value: {id: 2}, timestamp: '2021-01-02T03:04:05Z'}",
)
CONSUME = _GROUP.type(
    "Consume",
    "Get records of Kafka",
    Consume,
    ConsumeOutputs,
    "  auto.offset.reset: earliest\ntopic: orders\ngroupId: nightly\nvalueDeserializer: JSON\nmaxRecords: 1000",
)
_TRIGGERS = "toccata.plugins.families.kafka.run.trigger"
_HEAD = "  auto.offset.reset: earliest\ntopic: orders\ngroupId: toccata\nvalueDeserializer: JSON\n"
TRIGGER = _GROUP.trigger(
    "Trigger",
    "Start executions by files of records of Kafka",
    Trigger,
    ConsumeOutputs,
    ("orders", f"{_HEAD}interval: PT30S\nmaxRecords: 1000"),
    function=f"{_TRIGGERS}:poll",
)
REALTIME_TRIGGER = _GROUP.trigger(
    "RealtimeTrigger",
    "Start an execution for each record of Kafka",
    RealtimeTrigger,
    RecordOutputs,
    ("orders", _HEAD),
    function=f"{_TRIGGERS}:subscribe",
    started_by="subscribe",
)
