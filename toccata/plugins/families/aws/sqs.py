"""``aws.sqs.*`` and ``aws.sns.*``: queues and topics of Amazon."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from toccata.plugin import Data, Duration, PolledProperties, TypeGroup, dynamic
from toccata.plugins.families.aws.connection import SIGN_IN, Connection

_RUN = "toccata.plugins.families.aws.run"


class OfQueue(Connection):
    queue_url: str = dynamic(doc="address of the queue")
    max_concurrency: int = dynamic(50, ignored="one request is sent after the other")
    connection_acquisition_timeout: Duration = dynamic(
        "PT5S", ignored="one request is sent after the other", validate_default=True
    )


class Publish(OfQueue):
    """Sends messages to a queue, ten in a request."""

    from_: Data = dynamic(
        alias="from",
        doc="messages, each a map of `data`, and where wanted `groupId`, `deduplicationId`, `delaySeconds`: one, a list, or the URI of a file of rows",
    )


class Consume(OfQueue):
    """Gets messages of a queue into a file. It ends at `maxRecords`, after `maxDuration`, or at once if the queue is empty."""

    serde_type: Literal["STRING", "JSON"] = dynamic("STRING", doc="what messages are: text, or JSON")
    max_records: int | None = dynamic(None, doc="most messages; this or `maxDuration` must be given", ge=1)
    max_duration: Duration | None = dynamic(None, doc="how long messages are got at most")
    auto_delete: bool = dynamic(default=True, doc="delete each message when it is in the file")
    visibility_timeout: int = dynamic(
        30, doc="seconds for which others do not see a message that was got", ge=0
    )


class Trigger(Consume, PolledProperties):
    """Gets messages of a queue again and again, and starts an execution with a file of them. With `autoDelete` each message starts one execution,
    also if a worker dies meanwhile: they are deleted when it is noted in the namespace what they start. A poll gets 1000 messages at most."""


class PublishToTopic(Connection):
    """Sends messages to a topic."""

    topic_arn: str = dynamic(doc="name of the topic (ARN)")
    from_: Data = dynamic(
        alias="from",
        doc="messages, each a map of `data`, and where wanted `subject`, `groupId`, `deduplicationId`, `phoneNumber`, `structure`: one, a list, or the URI of a file of rows",
    )


class SentOutputs(BaseModel):
    messagesCount: int  # noqa: N815 - the name in flows


class ConsumeOutputs(BaseModel):
    count: int
    uri: str
    """A file with a message a row."""


_SQS = TypeGroup(
    prefix="io.kestra.plugin.aws.sqs", run=f"{_RUN}.sqs", extra="toccata[aws]", kind="heavy", head=SIGN_IN
)
_SNS = TypeGroup(
    prefix="io.kestra.plugin.aws.sns", run=f"{_RUN}.sns", extra="toccata[aws]", kind="heavy", head=SIGN_IN
)
_QUEUE = "queueUrl: https://sqs.eu-central-1.amazonaws.com/123456789012/orders\n"
PUBLISH = _SQS.type(
    "Publish",
    "Send messages to a queue of Amazon SQS",
    Publish,
    SentOutputs,
    f"{_QUEUE}from:\n  - data: first\n  - data: {{order: 2}}\n    delaySeconds: 0",
)
CONSUME = _SQS.type(
    "Consume",
    "Get messages of a queue of Amazon SQS",
    Consume,
    ConsumeOutputs,
    f"{_QUEUE}serdeType: JSON\nmaxRecords: 2",
)
PUBLISH_TO_TOPIC = _SNS.type(
    "Publish",
    "Send messages to a topic of Amazon SNS",
    PublishToTopic,
    SentOutputs,
    "topicArn: arn:aws:sns:eu-central-1:123456789012:orders\nfrom: {data: an order came, subject: orders}",
)
TRIGGER = _SQS.trigger(
    "Trigger",
    "Start executions by messages of a queue of Amazon SQS",
    Trigger,
    ConsumeOutputs,
    ("orders", f"{_QUEUE}serdeType: JSON\nmaxRecords: 100\ninterval: PT30S"),
    function=f"{_RUN}.sqs_polling:poll",
)
