"""``redis.*``"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias

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

_NAME = "io.kestra.plugin.redis"
_RUN = "toccata.plugins.families.redis.run"
_URL = "url: \"redis://:{{ secret('REDIS') }}@localhost:6379/0\"\n"
Form: TypeAlias = Literal["STRING", "JSON"]
_FORM = "STRING: values are texts; JSON: they are written and read as JSON"


class Connected(Properties):
    url: Secret = dynamic(
        doc="address with its password, as redis://user:password@host:port/database, or rediss:// for TLS"
    )


class OfKey(Connected):
    key: str = dynamic(doc="the key")


class ExpiryOptions(Properties):
    expiration_duration: Duration | None = dynamic(None, doc="how long the value lives")
    expiration_date: datetime | None = dynamic(None, doc="when it ends, with its time zone")


class SetOptions(ExpiryOptions):
    must_not_exist: bool = dynamic(default=False, doc="do nothing if the key has a value")
    must_exist: bool = dynamic(default=False, doc="do nothing if the key has no value")
    keep_ttl: bool = dynamic(default=False, doc="the value ends when the old one would have")


class Set(OfKey):
    """Sets the value of a key."""

    value: Any = dynamic(doc="the value")
    serde_type: Form = dynamic("STRING", doc=_FORM)
    options: SetOptions = dynamic(SetOptions(), doc="conditions, and how long it lives")
    get: bool = dynamic(default=False, doc="also give the value that was there")


class Get(OfKey):
    """Gets the value of a key."""

    serde_type: Form = dynamic("STRING", doc=_FORM)
    failed_on_missing: bool = dynamic(default=False, doc="fail if the key has no value")


class Delete(Connected):
    """Deletes keys."""

    keys: list[str] = dynamic(doc="the keys", min_length=1)
    failed_on_missing: bool = dynamic(default=False, doc="fail if one of them has no value")


class Increment(OfKey):
    """Adds to the number of a key."""

    amount: float | None = dynamic(None, doc="what is added; default: 1, and the number stays whole")
    options: ExpiryOptions = dynamic(ExpiryOptions(), doc="how long it lives")


class Ttl(OfKey):
    """Says how long the value of a key will live."""


class ListPush(OfKey):
    """Puts values at the front of a list, one after the other."""

    from_: Any = dynamic(
        alias="from", doc="values, as a list, as JSON of one, or as the URI of a file of rows"
    )
    serde_type: Form = dynamic("STRING", doc=_FORM)
    batch_size: int = dynamic(500, doc="values that are sent at once", ge=1)


class ListPop(OfKey):
    """Takes values from the front of a list into a file. What was taken is gone from the list."""

    serde_type: Form = dynamic("STRING", doc=_FORM)
    max_records: int | None = dynamic(None, doc="most values that are taken", ge=1)
    max_duration: Duration | None = dynamic(None, doc="how long values are taken at most")
    count: int = dynamic(100, doc="values that are taken at once", ge=1)


class Trigger(ListPop, PolledProperties):
    """Takes values from the front of a list again and again, and starts an execution with a file of them. What was taken is gone
    from the list, also if the worker dies before the execution starts."""


class Publish(Connected):
    """Sends messages to all who listen to a channel."""

    channel: str = dynamic(doc="the channel")
    from_: Any = dynamic(
        alias="from", doc="messages, as a list, as JSON of one, or as the URI of a file of rows"
    )
    serde_type: Form = dynamic("STRING", doc=_FORM)


class SetOutputs(BaseModel):
    oldValue: str | None = None  # noqa: N815 - the name in flows
    """With `get`."""


class GetOutputs(BaseModel):
    key: str
    data: Any = None


class NumberOutputs(BaseModel):
    key: str
    value: float


class TtlOutputs(BaseModel):
    key: str
    ttl: int
    """Seconds. -1: for ever; -2: there is no value."""


class CountOutputs(BaseModel):
    count: int


class PopOutputs(CountOutputs):
    uri: str
    """A file with a value a line."""


def _type(
    name: str, title: str, properties: type[Properties], outputs: type[BaseModel], example: str
) -> TaskType:
    part, _, kind = name.partition(".")
    module = "values" if part == "string" else "streams"
    group = TypeGroup(prefix=f"{_NAME}.{part}", run=f"{_RUN}.{module}", extra="toccata[redis]", head=_URL)
    aliases = () if kind in {"Increment", "Ttl"} else (f"{_NAME}.{kind}",)
    return group.type(kind, title, properties, outputs, example, aliases)


SET = _type("string.Set", "Set a value of Redis", Set, SetOutputs, "key: state\nvalue: done")
GET = _type("string.Get", "Get a value of Redis", Get, GetOutputs, "key: state")
DELETE = _type("string.Delete", "Delete values of Redis", Delete, CountOutputs, "keys: [state]")
INCREMENT = _type("string.Increment", "Add to a number of Redis", Increment, NumberOutputs, "key: runs")
TTL = _type("string.Ttl", "Ask how long a value of Redis lives", Ttl, TtlOutputs, "key: state")
LIST_PUSH = _type(
    "list.ListPush", "Push values to a list of Redis", ListPush, CountOutputs, "key: jobs\nfrom: [one, two]"
)
LIST_POP = _type(
    "list.ListPop", "Take values from a list of Redis", ListPop, PopOutputs, "key: jobs\nmaxRecords: 100"
)
PUBLISH = _type(
    "pubsub.Publish", "Publish messages over Redis", Publish, CountOutputs, "channel: news\nfrom: [hello]"
)
TRIGGER = TriggerType(
    name=f"{_NAME}.list.Trigger",
    title="Start executions by values of a list of Redis",
    properties=Trigger,
    started_by="poll",
    poll=f"{_RUN}.streams:poll",
    outputs=PopOutputs,
    aliases=(f"{_NAME}.TriggerList",),
    extra="toccata[redis]",
    examples=(f"id: jobs\ntype: {_NAME}.list.Trigger\n{_URL}key: jobs\nmaxRecords: 100\ninterval: PT30S",),
)
