"""``mqtt.*``"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from toccata.plugin import Duration, Properties, Secret, Texts, TypeGroup, dynamic

Form = Literal["STRING", "JSON", "BYTES"]
_FORM = "what payloads are: texts, JSON, or bytes, which are texts in base64"


class Mqtt(Properties):
    server: str = dynamic(doc="address, as tcp://host:1883 or ssl://host:8883")
    client_id: str = dynamic(doc="name of this client; the broker lets in one of each name")
    mqtt_version: Literal["V3", "V5"] = dynamic("V5", doc="version of the protocol")
    connection_timeout: Duration = dynamic(
        "PT30S", doc="how long to wait for the broker", validate_default=True
    )
    https_hostname_verification_enabled: bool = dynamic(
        default=True, doc="with ssl://: the certificate must be that of the host"
    )
    auth_method: str | None = dynamic(None, ignored="only user and password are supported")
    username: str | None = dynamic(None, doc="user")
    password: Secret | None = dynamic(None, doc="password")
    crt: str | None = dynamic(
        None, doc="certificate of who signed the broker's: a text in PEM, or the path of a file of the worker"
    )
    qos: Literal[0, 1, 2] = dynamic(1, doc="0: at most once, 1: at least once, 2: exactly once")


class Publish(Mqtt):
    """Sends messages."""

    topic: str = dynamic(doc="the topic")
    from_: Any = dynamic(alias="from", doc="payloads: one, a list, or the URI of a file of rows")
    serde_type: Form = dynamic(doc=_FORM)
    retain: bool = dynamic(default=False, doc="the broker keeps the last message for who comes later")
    response_topic: str | None = dynamic(None, doc="with V5: where an answer is awaited")
    correlation_data: str | None = dynamic(None, doc="with V5: what the answer must repeat")


class Subscribe(Mqtt):
    """Gets messages into a file, until `maxRecords` or `maxDuration`."""

    topic: Texts = dynamic(doc="topic, or several; `+` and `#` stand for parts")
    serde_type: Form = dynamic("JSON", doc=_FORM)
    max_records: int | None = dynamic(None, doc="most messages; this or `maxDuration` must be given", ge=1)
    max_duration: Duration | None = dynamic(None, doc="how long messages are got")


class SentOutputs(BaseModel):
    messagesCount: int  # noqa: N815 - the name in flows


class GotOutputs(SentOutputs):
    uri: str
    """A file with a message a row: id, topic, qos, payload, retain, and with V5 responseTopic and correlationData."""


_GROUP = TypeGroup(
    prefix="io.kestra.plugin.mqtt",
    run="toccata.plugins.families.mqtt.run.task",
    extra="toccata[mqtt]",
    head="server: tcp://localhost:1883\nclientId: flow\n",
)
PUBLISH = _GROUP.type(
    "Publish",
    "Send messages over MQTT",
    Publish,
    SentOutputs,
    "topic: sensors/cpu\nserdeType: JSON\nretain: true\nfrom: {kind: load, value: 1.25}",
)
SUBSCRIBE = _GROUP.type(
    "Subscribe",
    "Get messages of MQTT",
    Subscribe,
    GotOutputs,
    "topic: sensors/#\nmaxRecords: 1\nmaxDuration: PT1M",
)
