"""What aiokafka's group client lacks for members with a name of their own: leaving, and seeing who has the name.

A broker gives the name to whoever joined last, and calls the other one unknown. It then joins again, and so on for ever.
"""

from __future__ import annotations

from typing import Any, ClassVar

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import ConnectionGroup
from aiokafka.protocol.api import RequestStruct, Response
from aiokafka.protocol.types import Array, Int16, Int32, Schema, String

from toccata.runtime.ready_request import ReadyRequest
from toccata.runtime.settings import KafkaSettings

_UUID_LETTERS = 36


class _LeaveResponse(Response):  # type: ignore[misc] # aiokafka has no types
    API_KEY = 13
    API_VERSION = 3
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("members", Array(("member_id", String()), ("group_instance_id", String()), ("error_code", Int16))),
    )


class _LeaveRequest(RequestStruct):  # type: ignore[misc] # aiokafka has no types
    """Version 3, the first one that names members by their instance."""

    API_KEY = 13
    API_VERSION = 3
    RESPONSE_TYPE: ClassVar[Any] = _LeaveResponse
    SCHEMA = Schema(
        ("group", String()), ("members", Array(("member_id", String()), ("group_instance_id", String())))
    )


def member_of(consumer: AIOKafkaConsumer) -> str:
    """Return the id that the broker gave this member, or an empty text if it is none now."""
    return str(consumer._coordinator.member_id)  # noqa: SLF001 - there is no public way


async def leave(consumer: AIOKafkaConsumer, group: str, instance: str) -> None:
    """Leave the group, so that others get the partitions at once. Raise KafkaError, OSError or TimeoutError."""
    coordinator: Any = consumer._coordinator  # noqa: SLF001 - there is no public way
    if coordinator.coordinator_id is not None and coordinator.member_id:
        request = ReadyRequest(_LeaveRequest(group, [(coordinator.member_id, instance)]))
        await consumer._client.send(  # noqa: SLF001 - the connection of the group's coordinator
            coordinator.coordinator_id, request, group=ConnectionGroup.COORDINATION
        )


async def others_named(settings: KafkaSettings, group: str, instance: str, mine: str) -> list[str]:
    """Return the hosts of other members with this name. Raise KafkaError or OSError."""
    admin = AIOKafkaAdminClient(**settings.client_options())
    await admin.start()
    try:
        (response,) = await admin.describe_consumer_groups([group])
    finally:
        await admin.close()
    return [
        str(host).lstrip("/")
        for _, _, _, _, _, members, *_ in response.groups
        for member, _, host, *_ in members
        if member[: -_UUID_LETTERS - 1] == instance and member != mine
    ]
