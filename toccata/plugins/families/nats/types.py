"""``nats.*``"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from toccata.plugin import (
    Duration,
    PolledProperties,
    Properties,
    Secret,
    TaskType,
    TriggerType,
    TypeGroup,
    dynamic,
)

_NAME = "io.kestra.plugin.nats"
_RUN = "toccata.plugins.families.nats.run"
_SIGN_IN = "url: nats://localhost:4222\nusername: bot\npassword: \"{{ secret('NATS') }}\"\n"


class Nats(Properties):
    url: str = dynamic(doc="address, as nats://host:port or tls://host:port; several separated by commas")
    username: str | None = dynamic(None, doc="user")
    password: Secret | None = dynamic(None, doc="password")
    token: Secret | None = dynamic(None, doc="token, in place of user and password")
    creds: Secret | None = dynamic(None, doc="content of a file of credentials, with its token and its key")


class Produce(Nats):
    """Publishes messages."""

    subject: str = dynamic(doc="the subject")
    from_: Any = dynamic(
        alias="from",
        doc="messages, each a map of `data` and `headers`: one, a list, or the URI of a file of rows",
    )


class Request(Nats):
    """Publishes a message, and waits for an answer."""

    subject: str = dynamic(doc="the subject")
    from_: Any = dynamic(alias="from", doc="a text, or a map of `data` and `headers`")
    request_timeout: Duration = dynamic("PT5S", doc="how long to wait for the answer", validate_default=True)


class Consume(Nats):
    """Gets messages of a stream (JetStream) into a file, until there is none."""

    subject: str = dynamic(doc="the subject; it must belong to a stream")
    poll_duration: Duration = dynamic(
        "PT2S", doc="how long to wait for the next message", validate_default=True
    )
    batch_size: int = dynamic(10, doc="messages that are asked for at once", ge=1)
    deliver_policy: Literal["All", "Last", "New", "ByStartSequence", "ByStartTime", "LastPerSubject"] = (
        dynamic("All", doc="where a new consumer begins")
    )
    durable_id: str | None = dynamic(None, doc="name of a consumer that goes on where it ended")
    since: str | None = dynamic(None, doc="where a new consumer begins: a time in ISO 8601")
    max_records: int | None = dynamic(None, doc="most messages", ge=1)
    max_duration: Duration | None = dynamic(None, doc="how long messages are got at most")


class Trigger(Consume, PolledProperties):
    """Gets messages of a stream (JetStream) again and again, and starts an execution with a file of them. Without `durableId`, each poll begins
    where `deliverPolicy` says. With it, what was got does not come again, also if the worker dies before the execution starts."""


class CreateBucket(Nats):
    """Creates a bucket of keys and values."""

    name: str = dynamic(doc="its name")
    description: str | None = dynamic(None, doc="what it is for")
    metadata: dict[str, str] = dynamic({}, doc="values kept with the bucket")
    history_per_key: int = dynamic(1, doc="revisions that are kept of each value", ge=1, le=64)
    bucket_size: int | None = dynamic(None, doc="most bytes of all values")
    value_size: int | None = dynamic(None, doc="most bytes of one value")


class OfKeys(Nats):
    bucket_name: str = dynamic(doc="the bucket")


class Put(OfKeys):
    """Puts values, as JSON."""

    values: dict[str, Any] = dynamic(doc="values by their keys")


class Get(OfKeys):
    """Gets values. Keys without a value are left out."""

    keys: list[str] = dynamic(doc="the keys")
    key_revisions: dict[str, int] | None = dynamic(
        None, doc="keys with the revision that is wanted, in place of `keys`"
    )


class Delete(OfKeys):
    """Deletes values."""

    keys: list[str] = dynamic(doc="the keys")


class CountOutputs(BaseModel):
    messagesCount: int  # noqa: N815 - the name in flows


class ConsumeOutputs(CountOutputs):
    uri: str
    """A file with a row for each message: subject, headers, data, timestamp."""


class RequestOutputs(BaseModel):
    response: str


class BucketOutputs(BaseModel):
    bucket: str
    description: str | None = None
    history: int
    entryCount: int  # noqa: N815
    bucketSize: int  # noqa: N815
    valueSize: int  # noqa: N815
    metadata: dict[str, str]


class PutOutputs(BaseModel):
    revisions: dict[str, int]


class GetOutputs(BaseModel):
    output: dict[str, Any]


class DeleteOutputs(BaseModel):
    deletedCount: int  # noqa: N815


def _type(
    name: str, title: str, properties: type[Properties], outputs: type[BaseModel], example: str
) -> TaskType:
    part, _, kind = name.partition(".")
    group = TypeGroup(prefix=f"{_NAME}.{part}", run=f"{_RUN}.{part}", extra="toccata[nats]", head=_SIGN_IN)
    aliases = (f"{_NAME}.{kind}",) if part == "core" else ()
    return group.type(kind, title, properties, outputs, example, aliases)


PRODUCE = _type(
    "core.Produce",
    "Publish messages over NATS",
    Produce,
    CountOutputs,
    "subject: jobs.new\nfrom: {headers: {origin: flow}, data: hello}",
)
REQUEST = _type(
    "core.Request", "Ask over NATS", Request, RequestOutputs, "subject: jobs.status\nfrom: how are you"
)
CONSUME = _type(
    "core.Consume",
    "Get messages of NATS",
    Consume,
    ConsumeOutputs,
    "subject: jobs.>\ndurableId: nightly\nmaxRecords: 1000",
)
CREATE_BUCKET = _type(
    "kv.CreateBucket",
    "Create a bucket of NATS",
    CreateBucket,
    BucketOutputs,
    "name: states\nhistoryPerKey: 5",
)
PUT = _type(
    "kv.Put",
    "Put values into NATS",
    Put,
    PutOutputs,
    "bucketName: settings\nvalues: {limit: 10, names: [a, b]}",
)
GET = _type("kv.Get", "Get values of NATS", Get, GetOutputs, "bucketName: settings\nkeys: [limit]")
DELETE = _type(
    "kv.Delete", "Delete values of NATS", Delete, DeleteOutputs, "bucketName: settings\nkeys: [limit]"
)
TRIGGER = TriggerType(
    name=f"{_NAME}.core.Trigger",
    title="Start executions by messages of NATS",
    properties=Trigger,
    started_by="poll",
    poll=f"{_RUN}.core:poll",
    outputs=ConsumeOutputs,
    aliases=(f"{_NAME}.Trigger",),
    extra="toccata[nats]",
    examples=(
        f"id: jobs\ntype: {_NAME}.core.Trigger\n{_SIGN_IN}subject: jobs.>\ndurableId: jobs\nmaxRecords: 100\ninterval: PT30S",
    ),
)
