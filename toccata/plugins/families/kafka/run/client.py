"""Settings of Kafka's Java client as those of the client here. Nothing else of the family imports the driver."""

from __future__ import annotations

import re
import ssl
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from toccata.plugin import RunContext, TaskFailed

__all__ = ["ConsumerRecord", "Partition", "consumer", "explained", "producer"]

Partition = TopicPartition
_JAAS = re.compile(r"""(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)')""")
_SHARED: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "bootstrap.servers": ("bootstrap_servers", lambda text: [each.strip() for each in text.split(",")]),
    "client.id": ("client_id", str),
    "request.timeout.ms": ("request_timeout_ms", int),
    "metadata.max.age.ms": ("metadata_max_age_ms", int),
    "retry.backoff.ms": ("retry_backoff_ms", int),
    "connections.max.idle.ms": ("connections_max_idle_ms", int),
    "security.protocol": ("security_protocol", str),
    "sasl.mechanism": ("sasl_mechanism", str),
}
_PRODUCER: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "acks": ("acks", lambda text: "all" if text in ("all", "-1") else int(text)),
    "compression.type": ("compression_type", lambda text: None if text == "none" else text),
    "linger.ms": ("linger_ms", int),
    "batch.size": ("max_batch_size", int),
    "max.request.size": ("max_request_size", int),
    "enable.idempotence": ("enable_idempotence", lambda text: text == "true"),
    "transactional.id": ("transactional_id", str),
    "transaction.timeout.ms": ("transaction_timeout_ms", int),
}
_CONSUMER: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "group.id": ("group_id", str),
    "auto.offset.reset": ("auto_offset_reset", str),
    "isolation.level": ("isolation_level", str),
    "max.poll.records": ("max_poll_records", int),
    "max.poll.interval.ms": ("max_poll_interval_ms", int),
    "session.timeout.ms": ("session_timeout_ms", int),
    "heartbeat.interval.ms": ("heartbeat_interval_ms", int),
    "fetch.max.wait.ms": ("fetch_max_wait_ms", int),
    "fetch.min.bytes": ("fetch_min_bytes", int),
    "fetch.max.bytes": ("fetch_max_bytes", int),
    "max.partition.fetch.bytes": ("max_partition_fetch_bytes", int),
}
_ELSEWHERE = ("key.serializer", "value.serializer", "key.deserializer", "value.deserializer")
"""Properties of the task say it."""
_TLS = (
    "ssl.truststore.certificates",
    "ssl.keystore.certificate.chain",
    "ssl.keystore.key",
    "ssl.key.password",
    "ssl.truststore.type",
    "ssl.keystore.type",
    "ssl.endpoint.identification.algorithm",
)


def explained(error: KafkaError) -> str:
    return f"Kafka: {error or type(error).__name__}"


@asynccontextmanager
async def producer(run: RunContext, given: Mapping[str, Any], own: Mapping[str, Any]) -> AsyncIterator[Any]:
    """``own``: what the task itself sets. Raise TaskFailed, also for what goes wrong inside."""
    settings = {**_settings(run, given, _PRODUCER), **own}
    async with _started(lambda: AIOKafkaProducer(**settings)) as client:
        yield client


@asynccontextmanager
async def consumer(run: RunContext, given: Mapping[str, Any], own: Mapping[str, Any]) -> AsyncIterator[Any]:
    """``own``: what the task itself sets. Raise TaskFailed, also for what goes wrong inside."""
    settings: dict[str, Any] = {"isolation_level": "read_committed", "enable_auto_commit": False}
    settings |= _settings(run, given, _CONSUMER)
    settings |= own
    async with _started(lambda: AIOKafkaConsumer(**settings)) as client:
        yield client


@asynccontextmanager
async def _started(make: Callable[[], Any]) -> AsyncIterator[Any]:
    try:
        client = make()
        try:
            await client.start()
            yield client
        finally:
            await client.stop()
    except KafkaError as error:
        raise TaskFailed(explained(error)) from None
    except (OSError, ValueError) as error:
        raise TaskFailed(f"properties: {error}") from None


def _settings(
    run: RunContext, given: Mapping[str, Any], more: Mapping[str, tuple[str, Callable[[str], Any]]]
) -> dict[str, Any]:
    """Raise TaskFailed."""
    texts = {
        name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()
    }
    if "bootstrap.servers" not in texts:
        raise TaskFailed("properties: `bootstrap.servers` is missing")
    found: dict[str, Any] = {}
    for name, text in texts.items():
        known = _SHARED.get(name) or more.get(name)
        if known is not None:
            try:
                found[known[0]] = known[1](text)
            except ValueError:
                raise TaskFailed(f"properties: `{name}` must be a number, not `{text:.100}`") from None
        elif name not in (*_ELSEWHERE, *_TLS, "sasl.jaas.config"):
            _refuse_stores(name)
            run.log("WARN", f"The property `{name}` has no effect here")
    return found | _sign_in(texts) | _tls(texts)


def _refuse_stores(name: str) -> None:
    if name in ("ssl.truststore.location", "ssl.keystore.location"):
        raise TaskFailed(
            f"properties: `{name}` names a store of Java: give certificates in PEM, as `ssl.truststore.certificates`"
        )


def _sign_in(texts: Mapping[str, str]) -> dict[str, str]:
    config = texts.get("sasl.jaas.config")
    if config is None:
        return {}
    said = {name: quoted or plain for name, quoted, plain in _JAAS.findall(config)}
    if "username" not in said or "password" not in said:
        raise TaskFailed("properties: `sasl.jaas.config` must have a username and a password in quotes")
    return {"sasl_plain_username": said["username"], "sasl_plain_password": said["password"]}


def _tls(texts: Mapping[str, str]) -> dict[str, Any]:
    if "SSL" not in texts.get("security.protocol", ""):
        return {}
    try:
        context = ssl.create_default_context(cadata=texts.get("ssl.truststore.certificates"))
        chain, key = texts.get("ssl.keystore.certificate.chain"), texts.get("ssl.keystore.key")
        if chain is not None and key is not None:
            _load(context, chain, key, texts.get("ssl.key.password"))
    except (ssl.SSLError, ValueError) as error:
        raise TaskFailed(f"properties: a certificate cannot be read: {error}") from None
    if texts.get("ssl.endpoint.identification.algorithm") == "":
        context.check_hostname = False
    return {"ssl_context": context}


def _load(context: ssl.SSLContext, chain: str, key: str, password: str | None) -> None:
    """The library reads files only."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "key")
        path.touch(mode=0o600)
        path.write_text(f"{chain}\n{key}\n")
        context.load_cert_chain(path, password=password)
