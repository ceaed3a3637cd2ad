"""``aws.kinesis.*`` and ``aws.eventbridge.*``: streams and events of Amazon."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from toccata.plugin import Data, Duration, TypeGroup, dynamic
from toccata.plugins.families.aws.connection import SIGN_IN, Connection

_RUN = "toccata.plugins.families.aws.run"


class PutRecords(Connection):
    """Puts records into a stream."""

    stream_name: str | None = dynamic(None, doc="name of the stream; this or `streamArn` must be given")
    stream_arn: str | None = dynamic(None, doc="name of the stream (ARN)")
    records: Data = dynamic(
        doc="records, each a map of `partitionKey`, `data`, and where wanted `explicitHashKey`: a list, or the URI of a file of rows"
    )
    fail_on_unsuccessful_records: bool = dynamic(
        default=True, doc="fail if a record was refused; otherwise the task ends as WARNING"
    )


class ConsumeRecords(Connection):
    """Gets records of a stream into a file, of one shard after the other."""

    stream_name: str = dynamic(doc="name of the stream")
    iterator_type: Literal[
        "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER", "TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"
    ] = dynamic(
        "LATEST", doc="where reading begins; AT_TIMESTAMP: at `startingSequenceNumber`, a time in ISO 8601"
    )
    starting_sequence_number: str | None = dynamic(None, doc="where reading begins")
    max_records: int = dynamic(1000, doc="most records", ge=1)
    max_duration: Duration = dynamic("PT30S", doc="how long records are got at most", validate_default=True)
    poll_duration: Duration = dynamic("PT1S", doc="pause between two requests", validate_default=True)


class PutEvents(Connection):
    """Sends events to event buses, ten in a request."""

    entries: Data = dynamic(
        doc="events, each a map of `eventBusName`, `source`, `detailType`, `detail` (a map, or JSON text) and where wanted `resources`: a list, or the URI of a file of rows"
    )
    fail_on_unsuccessful_events: bool = dynamic(
        default=True, doc="fail if an event was refused; otherwise the task ends as WARNING"
    )


class PutOutputs(BaseModel):
    uri: str
    """A file with a row for each record: what was sent, and its number or its error."""
    failedRecordsCount: int  # noqa: N815 - the name in flows
    recordCount: int  # noqa: N815


class ConsumeOutputs(BaseModel):
    uri: str
    count: int
    lastSequencePerShard: dict[str, str]  # noqa: N815


class EventsOutputs(BaseModel):
    uri: str
    """A file with a row for each event: what was sent, and its id or its error."""
    failedEntryCount: int  # noqa: N815
    entryCount: int  # noqa: N815


_KINESIS = TypeGroup(
    prefix="io.kestra.plugin.aws.kinesis",
    run=f"{_RUN}.kinesis",
    extra="toccata[aws]",
    kind="heavy",
    head=SIGN_IN,
)
_EVENTS = TypeGroup(
    prefix="io.kestra.plugin.aws.eventbridge",
    run=f"{_RUN}.eventbridge",
    extra="toccata[aws]",
    kind="heavy",
    head=SIGN_IN,
)
PUT_RECORDS = _KINESIS.type(
    "PutRecords",
    "Put records into a stream of Amazon Kinesis",
    PutRecords,
    PutOutputs,
    "streamName: clicks\nrecords:\n  - {partitionKey: user1, data: sign-in}\n  - {partitionKey: user2, data: sign-out}",
)
CONSUME_RECORDS = _KINESIS.type(
    "Consume",
    "Get records of a stream of Amazon Kinesis",
    ConsumeRecords,
    ConsumeOutputs,
    "streamName: clicks\niteratorType: TRIM_HORIZON\nmaxRecords: 2",
)
PUT_EVENTS = _EVENTS.type(
    "PutEvents",
    "Send events to Amazon EventBridge",
    PutEvents,
    EventsOutputs,
    "entries:\n  - eventBusName: default\n    source: toccata\n    detailType: order\n    detail: {id: 7}",
)
