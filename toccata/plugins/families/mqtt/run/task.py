"""``mqtt.*``"""

from __future__ import annotations

import asyncio
import base64
import binascii
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from aiomqtt import Client, Message, MqttError, ProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties as Details

from toccata.plugin import (
    NotJson,
    Outputs,
    RunContext,
    TaskFailed,
    read_json,
    row_file,
    taken_rows,
    write_json,
)
from toccata.plugins.families.mqtt import types

_PLAIN = {"tcp": 1883, "mqtt": 1883}
_SAFE = {"ssl": 8883, "mqtts": 8883, "tls": 8883}
_VERSIONS = {"V3": ProtocolVersion.V311, "V5": ProtocolVersion.V5}


@asynccontextmanager
async def connected(task: types.Mqtt) -> AsyncIterator[Client]:
    """Raise TaskFailed, also for what goes wrong inside."""
    at = urlsplit(task.server)
    if at.hostname is None or at.scheme not in {**_PLAIN, **_SAFE}:
        raise TaskFailed(f"server: `{task.server}` must be as tcp://host:port or ssl://host:port")
    try:
        port = at.port or {**_PLAIN, **_SAFE}[at.scheme]
    except ValueError as error:
        raise TaskFailed(f"server: {error}") from None
    try:
        async with Client(
            at.hostname,
            port,
            identifier=task.client_id,
            username=task.username,
            password=None if task.password is None else task.password.get_secret_value(),
            protocol=_VERSIONS[task.mqtt_version],
            timeout=task.connection_timeout.total_seconds(),
            tls_context=_tls(task) if at.scheme in _SAFE else None,
        ) as client:
            yield client
    except MqttError as error:
        raise TaskFailed(f"{task.server}: {error}") from None


def _tls(task: types.Mqtt) -> ssl.SSLContext:
    try:
        if task.crt is not None and "BEGIN CERTIFICATE" in task.crt:
            context = ssl.create_default_context(cadata=task.crt)
        else:
            context = ssl.create_default_context(cafile=task.crt)
    except (ssl.SSLError, OSError, ValueError) as error:
        raise TaskFailed(f"crt: the certificate cannot be read: {error}") from None
    context.check_hostname = task.https_hostname_verification_enabled
    return context


async def run_publish(task: types.Publish, run: RunContext) -> Outputs:
    count = 0
    details = _details(task)
    async with connected(task) as client:
        async for row in _payloads(task, run):
            await client.publish(
                task.topic, _written(row, task.serde_type), task.qos, task.retain, properties=details
            )
            count += 1
    run.metric("counter", "records", count)
    return {"messagesCount": count}


async def _payloads(task: types.Publish, run: RunContext) -> AsyncIterator[Any]:
    """A text that is neither a file nor JSON of rows is a payload itself, and so is a list's every entry."""
    given = task.from_
    is_text = isinstance(given, str) and not given.startswith(("kestra://", "nsfile://"))
    if is_text and given.lstrip()[:1] not in ("[", "{"):
        yield given
        return
    async for row in taken_rows(run, given):
        yield row


def _details(task: types.Publish) -> Details | None:
    if task.mqtt_version == "V3":
        if task.response_topic or task.correlation_data:
            raise TaskFailed("responseTopic: is part of V5, and so is correlationData")
        return None
    make: Any = Details
    details = make(PacketTypes.PUBLISH)
    if task.response_topic is not None:
        details.ResponseTopic = task.response_topic
    if task.correlation_data is not None:
        details.CorrelationData = task.correlation_data.encode()
    found: Details = details
    return found


def _written(value: Any, form: types.Form) -> bytes:
    if form == "JSON":
        return write_json(value)
    if form == "STRING":
        return value.encode() if isinstance(value, str) else write_json(value)
    try:
        return base64.b64decode(str(value), validate=True)
    except (ValueError, binascii.Error) as error:
        raise TaskFailed(f"from: {value!r:.100} is no text in base64: {error}") from None


async def run_subscribe(task: types.Subscribe, run: RunContext) -> Outputs:
    if task.max_records is None and task.max_duration is None:
        raise TaskFailed("'maxDuration' or 'maxRecords' must be set to avoid an infinite loop")
    limit = None if task.max_duration is None else task.max_duration.total_seconds()
    async with row_file(run) as file:
        try:
            async with asyncio.timeout(limit), connected(task) as client:
                await client.subscribe([(topic, int(task.qos)) for topic in task.topic])
                async for message in client.messages:
                    await file.write([_row(message, task.serde_type)])
                    if file.count == task.max_records:
                        break
        except TimeoutError:
            pass  # it is as long as it may be
        run.metric("counter", "records", file.count)
        return {"messagesCount": file.count, "uri": await file.stored()}


def _row(message: Message, form: types.Form) -> dict[str, Any]:
    details: Any = message.properties
    correlation = getattr(details, "CorrelationData", None)
    found = {
        "id": message.mid,
        "topic": str(message.topic),
        "qos": message.qos,
        "payload": _read(message.payload, form, str(message.topic)),
        "retain": message.retain,
        "responseTopic": getattr(details, "ResponseTopic", None),
        "correlationData": None if correlation is None else correlation.decode("utf-8", "replace"),
    }
    return {name: value for name, value in found.items() if value is not None}


def _read(payload: Any, form: types.Form, topic: str) -> Any:
    data = payload if isinstance(payload, bytes) else str(payload).encode()
    if form == "BYTES":
        return base64.b64encode(data).decode()
    if form == "STRING":
        return data.decode("utf-8", "replace")
    try:
        return read_json(data)
    except NotJson as error:
        raise TaskFailed(f"serdeType: a message of {topic} is no JSON: {error}") from None
