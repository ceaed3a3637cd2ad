"""The broker of standalone is closed: no password, no word; and each principal may do what the table of topics says, nothing else."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from aiokafka.protocol.admin import DeleteRecordsRequest, DeleteTopicsRequest
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from contracts.principal import (
    OUTSIDERS,
    PRINCIPALS,
    SERVICES,
    Principal,
    Rule,
    groups,
    readers,
    rules,
    truncaters,
    user_of,
    writers,
)
from contracts.topics import TOPICS
from tests.support.system import within
from toccata.runtime.errors import ToccataError, Transient
from toccata.runtime.fetch import Reader
from toccata.runtime.group_position import GroupPositions
from toccata.runtime.kafka import Producer, Record
from toccata.runtime.kafka_access import put_rules, put_users
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.topic_admin import check_topics, ensure_topics
from toccata.standalone.kafka import EmbeddedKafka
from toccata.standalone.kafka_users import KafkaUsers, remembered_users
from toccata.standalone.port import LOOPBACK

pytestmark = [pytest.mark.servers, pytest.mark.anyio, pytest.mark.timeout(240)]

PREFIX = "toccata."
REFUSED = 29


class Closed(NamedTuple):
    folder: Path
    kafka: EmbeddedKafka
    users: KafkaUsers

    def settings(self, principal: Principal) -> KafkaSettings:
        return self.users.settings(principal, self.kafka.address)


@asynccontextmanager
async def closed_broker(folder: Path) -> AsyncIterator[tuple[EmbeddedKafka, KafkaUsers]]:
    users = remembered_users(folder, PREFIX)
    kafka = EmbeddedKafka(folder, users=users)
    try:
        await kafka.start()
        yield kafka, users
    finally:
        await kafka.stop()


@pytest.fixture(scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Closed]:
    """One for all tests that leave its users and rules as they are."""
    folder = tmp_path_factory.mktemp("closed") / "kafka"
    async with closed_broker(folder) as (kafka, users):
        await ensure_topics(users.settings("operator", kafka.address))
        yield Closed(folder, kafka, users)


@asynccontextmanager
async def signed_in(settings: KafkaSettings) -> AsyncIterator[AIOKafkaClient]:
    client = AIOKafkaClient(**settings.client_options(), client_id="attacker", request_timeout_ms=30_000)
    await client.bootstrap()
    try:
        yield client
    finally:
        await client.close()


async def ask(client: Any, request: Any) -> Any:
    return await client.send(client.get_random_node(), request)


def one_record() -> bytes:
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=0,
        batch_size=1000,
    )
    builder.append(0, None, b"key", b"{}", [])
    return bytes(builder.build())


async def may_write(client: AIOKafkaClient) -> set[str]:
    batch = one_record()
    request = ProduceRequest(
        transactional_id=None,
        required_acks=-1,
        timeout=20_000,
        topics=[(PREFIX + name, [(0, batch)]) for name in TOPICS],
    )
    answer = await ask(client, request)
    return {topic.removeprefix(PREFIX) for topic, partitions in answer.topics if partitions[0][1] != REFUSED}


async def may_read(client: AIOKafkaClient) -> set[str]:
    found = set()
    for name in TOPICS:
        # One topic a request: a fetch that finds one record answers without the other topics.
        request = FetchRequest(
            max_wait_time=0,
            min_bytes=0,
            max_bytes=1000,
            isolation_level=0,
            topics=[(PREFIX + name, [(0, 0, 1000)])],
        )
        answer = await ask(client, request)
        ((_, ((_, error, *_),)),) = answer.topics
        if error != REFUSED:
            found.add(name)
    return found


async def may_truncate(client: AIOKafkaClient) -> set[str]:
    request = DeleteRecordsRequest(topics=[(PREFIX + name, [(0, 0)]) for name in TOPICS], timeout_ms=20_000)
    answer = await ask(client, request)
    return {
        topic.removeprefix(PREFIX) for topic, partitions, *_ in answer.topics if partitions[0][2] != REFUSED
    }


async def first_value(settings: KafkaSettings, place: tuple[str, int]) -> bytes | None:
    reader = Reader(settings, "reads")
    await reader.assign({place: "earliest"})
    try:
        async with asyncio.timeout(30):
            while not (batches := await reader.poll(1000)):
                pass
        return batches[place][0].value
    finally:
        await reader.stop()


async def until_it_works(act: Callable[[], Awaitable[object]]) -> None:
    """The broker makes its topic of offsets when a group is first asked for."""

    async def works() -> bool:
        await act()
        return True

    await within(60, works, Transient)


async def test_each_principal_may_do_what_the_table_says_and_nothing_else(broker: Closed) -> None:
    for principal in PRINCIPALS:
        async with signed_in(broker.settings(principal)) as client:
            everything = set(TOPICS) if principal == "operator" else set()
            expected = {n for n, topic in TOPICS.items() if principal in writers(topic)} | everything
            assert await may_write(client) == expected, f"{principal} writes"
            expected = {n for n, topic in TOPICS.items() if principal in readers(topic)} | everything
            assert await may_read(client) == expected, f"{principal} reads"
            expected = {n for n, topic in TOPICS.items() if principal in truncaters(topic)} | everything
            assert await may_truncate(client) == expected, f"{principal} truncates"


async def test_only_the_operator_changes_topics_or_users(broker: Closed) -> None:
    for principal in (*SERVICES, *OUTSIDERS):
        async with signed_in(broker.settings(principal)) as client:
            # Kafka has one right for deleting a topic and for deleting its oldest records.
            others = [PREFIX + name for name, topic in TOPICS.items() if principal not in truncaters(topic)]
            answer = await ask(client, DeleteTopicsRequest(others, 20_000))
            assert {code for _, code, *_ in answer.topic_error_codes} <= {REFUSED}, principal
        with pytest.raises(ToccataError):
            await put_users(broker.settings(principal), {"mallory": "secret"})
        with pytest.raises(ToccataError):
            await put_rules(broker.settings(principal), [Rule(principal, "topic", "toccata.dead", "READ")])
    assert await check_topics(broker.settings("operator")) == []


async def test_groups_of_services_belong_to_them(broker: Closed) -> None:
    place = [("flows.state", 0)]
    for name, members in groups().items():
        for principal in ("subscriber", "person", "worker", "web"):
            if principal in members:
                continue
            group = GroupPositions(broker.settings(principal), "t", PREFIX + name)
            with pytest.raises(Transient, match="GroupAuthorizationFailed"):
                await group.committed(place)
            await group.stop()
        for member in members:
            group = GroupPositions(broker.settings(member), "t", PREFIX + name)
            await until_it_works(partial(group.committed, place))
            await group.stop()
    own = GroupPositions(broker.settings("subscriber"), "t", "my-reader")
    await until_it_works(lambda: own.commit({("executions.events", 0): 0}))
    assert await own.committed([("executions.events", 0)]) == {("executions.events", 0): 0}
    await own.stop()


async def test_a_publisher_and_a_subscriber_need_no_other_right(broker: Closed) -> None:
    """The idempotent producer and a reader of ours work with these rules alone."""
    producer = Producer(broker.settings("publisher"), "p", deadline_seconds=30)
    await producer.send("events", [Record(b"k", b"{}")])
    await producer.stop()
    executor = Producer(broker.settings("executor"), "e", deadline_seconds=30)
    await executor.send("executions.events", [Record(b"k", b"said", partition=5)])
    await executor.stop()
    assert await first_value(broker.settings("subscriber"), ("executions.events", 5)) == b"said"


@pytest.mark.parametrize("password", [None, "guessed"])
async def test_without_the_password_nobody_gets_in_on_any_listener(
    broker: Closed, password: str | None
) -> None:
    assert broker.kafka.pid is not None
    connections = psutil.Process(broker.kafka.pid).net_connections("tcp")
    ports = {each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN}
    assert len(ports) == 2, "the clients' listener and the controller's"
    for settings in (KafkaSettings(bootstrap_servers=f"{LOOPBACK}:{port}") for port in ports):
        for each in [settings] if password is None else list(guesses(settings, password)):
            with pytest.raises((KafkaError, ValueError, TimeoutError)):
                async with asyncio.timeout(20), signed_in(each):
                    pass


def guesses(settings: KafkaSettings, password: str) -> Iterator[KafkaSettings]:
    names = [user_of(principal, PREFIX) for principal in ("operator", "executor", "person")]
    for mechanism in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"):
        for name in (*names, "broker", "admin", "ANONYMOUS"):
            sign_in = {"sasl_mechanism": mechanism, "sasl_username": name, "sasl_password": password}
            protocol = {"security_protocol": "SASL_PLAINTEXT"}
            yield KafkaSettings.model_validate(settings.model_dump() | protocol | sign_in)


def test_passwords_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    users = remembered_users(tmp_path / "kafka", PREFIX)
    assert len(set(users.passwords.values())) == len(PRINCIPALS) + 1
    assert all(len(password) >= 32 for password in users.passwords.values())
    assert stat.S_IMODE((tmp_path / "kafka" / "users.json").stat().st_mode) == 0o600
    assert remembered_users(tmp_path / "kafka", PREFIX).passwords == users.passwords


async def test_neither_files_nor_the_command_show_a_password_to_others(broker: Closed) -> None:
    passwords = broker.users.passwords.values()
    command = " ".join(psutil.Process(broker.kafka.pid).cmdline())
    assert not any(password in command for password in passwords)
    for file in broker.folder.iterdir():
        if file.is_file() and file.stat().st_mode & 0o077:
            text = file.read_text(errors="replace")
            assert not any(password in text for password in passwords), file


async def test_a_data_directory_without_users_is_closed_by_its_next_start(tmp_path: Path) -> None:
    before = EmbeddedKafka(tmp_path / "kafka")
    await before.start()
    try:
        open_settings = KafkaSettings(bootstrap_servers=before.address)
        await ensure_topics(open_settings)
        producer = Producer(open_settings, "old", deadline_seconds=30)
        await producer.send("executions.events", [Record(b"k", b"kept", partition=3)])
        await producer.stop()
    finally:
        await before.stop()
    async with closed_broker(tmp_path / "kafka") as (kafka, users):
        with pytest.raises(Transient):
            await check_topics(KafkaSettings(bootstrap_servers=kafka.address))
        assert await check_topics(users.settings("operator", kafka.address)) == []
        assert (
            await first_value(users.settings("indexer", kafka.address), ("executions.events", 3)) == b"kept"
        )
        assert users.are_made


async def test_rules_of_an_earlier_version_go_away(tmp_path: Path) -> None:
    async with closed_broker(tmp_path / "kafka") as (kafka, users):
        operator = users.settings("operator", kafka.address)
        await ensure_topics(operator)
        too_much: Principal = "publisher"
        await put_rules(
            operator, [*rules(PREFIX), Rule(too_much, "topic", f"{PREFIX}executions.commands", "WRITE")]
        )
        (tmp_path / "kafka" / "users.made").write_text("of an earlier version")
        await kafka.restart()
        async with signed_in(users.settings(too_much, kafka.address)) as client:

            async def narrowed() -> bool:
                return await may_write(client) == {"events", "executions.starts"}

            await within(60, narrowed)
