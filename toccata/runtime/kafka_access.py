"""Makes users and access rules on a broker, and takes rules away again. Each in one request for all of them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.admin import CreateAclsRequest_v1, DeleteAclsRequest_v1, DescribeAclsRequest_v1
from aiokafka.protocol.api import RequestStruct, Response
from aiokafka.protocol.types import (
    CompactArray,
    CompactBytes,
    CompactString,
    Int8,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from contracts.principal import OUTSIDERS, SERVICES, Rule, user_of
from toccata.runtime.errors import Fatal, Transient
from toccata.runtime.ready_request import ReadyRequest
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.topic_admin import connected_admin

_SCRAM_SHA_256 = 1
ITERATIONS = 4096
"""The least that Kafka takes. Generated passwords have 192 bits, so more would only slow each connection down."""
_SALT_BYTES = 16
_RESOURCES = {"topic": 2, "group": 3}
_OPERATIONS = {"READ": 3, "WRITE": 4, "DELETE": 6, "DESCRIBE": 8}
_DENIED, _ALLOWED = 2, 3
_LITERAL = 3
_ANY = 1
_ANY_PATTERN = 1
_NO_AUTHORIZER = 54
_REFUSED = 31
_EncodedRule: TypeAlias = tuple[int, str, int, str, str, int, int]
"""Kind of resource, its name, kind of pattern, user, host, operation, permission: as Kafka sends it, and as it filters."""


class _AlterUserScramCredentialsResponse(Response):  # type: ignore[misc] # aiokafka has no types
    API_KEY = 51
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _AlterUserScramCredentials(RequestStruct):  # type: ignore[misc] # aiokafka has no types
    API_KEY = 51
    API_VERSION = 0
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _AlterUserScramCredentialsResponse
    SCHEMA = Schema(
        (
            "deletions",
            CompactArray(("name", CompactString("utf-8")), ("mechanism", Int8), ("tags", TaggedFields)),
        ),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


async def put_users(settings: KafkaSettings, passwords: Mapping[str, str]) -> None:
    """Make these users, or give those that exist these passwords. Raise Transient, or Fatal if Kafka refuses."""
    upserts: list[tuple[Any, ...]] = []
    for user, password in passwords.items():
        salt = secrets.token_bytes(_SALT_BYTES)
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
        upserts.append((user, _SCRAM_SHA_256, ITERATIONS, salt, salted, {}))
    answer = await _ask(settings, _AlterUserScramCredentials([], upserts, {}))
    _check("making Kafka's users", [(code, text) for _, code, text, _ in answer.results])


async def put_rules(settings: KafkaSettings, rules: Sequence[Rule], *, replace: bool = False) -> None:
    """Make these rules for the users of this system. With ``replace``, then take all their other rules away: so a service that
    runs meanwhile is never without one that it needs."""
    prefix = settings.topic_prefix
    wanted = [_encoded(rule, prefix) for rule in rules]
    answer = await _ask(settings, CreateAclsRequest_v1(wanted))
    _check("making Kafka's access rules", answer.creation_responses)
    if not replace:
        return
    users = {f"User:{user_of(principal, prefix)}" for principal in (*SERVICES, *OUTSIDERS)}
    further = [rule for rule in await _existing(settings) if rule[3] in users and rule not in wanted]
    if further:
        answer = await _ask(settings, DeleteAclsRequest_v1(further))
        _check("taking old access rules away", [(each[0], each[1]) for each in answer.filter_responses])


async def _existing(settings: KafkaSettings) -> list[_EncodedRule]:
    every = DescribeAclsRequest_v1(_ANY, None, _ANY_PATTERN, None, None, _ANY, _ANY)
    answer = await _ask(settings, every)
    _check("reading Kafka's access rules", [(answer.error_code, answer.error_message)])
    return [(kind, name, pattern, *rule) for kind, name, pattern, rules in answer.resources for rule in rules]


def _encoded(rule: Rule, prefix: str) -> _EncodedRule:
    return (
        _RESOURCES[rule.resource],
        rule.name,
        _LITERAL,
        f"User:{user_of(rule.principal, prefix)}",
        "*",
        _OPERATIONS[rule.operation],
        _ALLOWED if rule.allowed else _DENIED,
    )


async def _ask(settings: KafkaSettings, request: RequestStruct) -> Any:
    admin: AIOKafkaAdminClient = await connected_admin(settings)
    try:
        client: Any = admin._client  # noqa: SLF001 - its public methods know none of these requests
        return await client.send(client.get_random_node(), ReadyRequest(request))
    except (KafkaError, OSError, TimeoutError) as error:
        raise Transient(f"cannot reach Kafka at {settings.bootstrap_servers}: {error!r}") from error
    finally:
        with suppress(KafkaError, OSError):
            await admin.close()


def _check(what: str, results: Iterable[tuple[int, str | None]]) -> None:
    for code, text in results:
        if code == _NO_AUTHORIZER:
            raise Fatal(f"{what}: this Kafka checks no access: set authorizer.class.name on its brokers")
        if code == _REFUSED:
            raise Fatal(f"{what}: this user may not: sign in as a super user of Kafka")
        if code:
            raise Transient(f"{what}: {for_code(code).__name__} {text or ''}")
