"""The embedded servers: acknowledged data is there after a stop, a kill and a restart, at the same address."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from toccata.standalone.errors import StandaloneError
from toccata.standalone.kafka import EmbeddedKafka
from toccata.standalone.postgres import EmbeddedPostgres

pytestmark = [pytest.mark.servers, pytest.mark.anyio]


async def _append(address: str, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=address, acks="all")
    await producer.start()
    try:
        await producer.send_and_wait("kept", value)
    finally:
        await producer.stop()


async def _read_all(address: str) -> list[bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=address, auto_offset_reset="none")
    await consumer.start()
    try:
        partition = TopicPartition("kept", 0)
        consumer.assign([partition])
        consumer.seek(partition, 0)
        end = (await consumer.end_offsets([partition]))[partition]
        values: list[bytes] = []
        async with asyncio.timeout(20):
            while len(values) < end:
                values += [record.value async for record in _batch(consumer)]
        return values
    finally:
        await consumer.stop()


async def _batch(consumer: AIOKafkaConsumer) -> AsyncIterator[ConsumerRecord]:
    for records in (await consumer.getmany(timeout_ms=1000)).values():
        for record in records:
            yield record


async def test_a_broker_keeps_records_and_address_over_stop_kill_and_a_new_start(tmp_path: Path) -> None:
    kafka = EmbeddedKafka(tmp_path / "kafka")
    address = await kafka.start()
    try:
        admin = AIOKafkaAdminClient(bootstrap_servers=address)
        await admin.start()
        await admin.create_topics([NewTopic("kept", num_partitions=1, replication_factor=1)])
        await admin.close()
        await _append(address, b"before stop")

        assert await kafka.restart() == address
        await _append(address, b"before kill")
        await kafka.kill()
        assert kafka.pid is None
        assert await kafka.start() == address
        assert await _read_all(address) == [b"before stop", b"before kill"]
    finally:
        await kafka.stop()

    again = EmbeddedKafka(tmp_path / "kafka")
    try:
        assert await again.start() == address
        assert await _read_all(address) == [b"before stop", b"before kill"]
    finally:
        await again.stop()


async def test_a_topic_is_never_created_by_asking_for_it(kafka: str, topic_prefix: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, request_timeout_ms=2000)
    await producer.start()
    try:
        with pytest.raises(Exception, match=r"(?i)unknown|timed? ?out|metadata"):
            await producer.send_and_wait(f"{topic_prefix}nobody-made-me", b"x")
    finally:
        await producer.stop()


async def test_a_database_keeps_commits_and_address_over_stop_kill_and_a_new_start(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path / "postgres")
    url = await postgres.start()
    try:
        connection = await asyncpg.connect(url)
        await connection.execute("CREATE TABLE kept (line text)")
        await connection.execute("INSERT INTO kept VALUES ('before kill')")
        await postgres.kill()
        assert await postgres.start() == url
    finally:
        await postgres.stop()

    again = EmbeddedPostgres(tmp_path / "postgres")
    try:
        connection = await asyncpg.connect(await again.start())
        assert await connection.fetchval("SELECT line FROM kept") == "before kill"
        assert (await connection.fetchval("SHOW server_version")).startswith("18.")
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert await connection.fetchval(f"SHOW {setting}") == "on"
        await connection.close()
    finally:
        await again.stop()


async def test_the_database_asks_for_a_password(postgres_server: str) -> None:
    if "toccata:" not in postgres_server:
        pytest.skip("a database of the environment has its own rules")
    host = postgres_server.rsplit("@", 1)[1]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://toccata:wrong@{host}")


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StandaloneError, match=rf"{port}.*TOCCATA_POSTGRES_PORT"):
            await EmbeddedPostgres(tmp_path / "postgres", port).start()
        with pytest.raises(StandaloneError, match=rf"{port}.*TOCCATA_KAFKA_PORT"):
            await EmbeddedKafka(tmp_path / "kafka", port).start()


async def test_a_server_that_cannot_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path)
    await postgres.start()
    await postgres.stop()
    (tmp_path / "cluster" / "PG_VERSION").write_text("17\n")
    with pytest.raises(StandaloneError, match=r"(?s)postgres\.log.*initialized by PostgreSQL version 17"):
        await postgres.start()


async def test_an_interrupted_first_start_is_begun_again(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path)
    starting = asyncio.create_task(postgres.start())
    async with asyncio.timeout(30):
        # initdb sets no event.
        while not (tmp_path / "cluster.part" / "PG_VERSION").exists():  # noqa: ASYNC110
            await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not postgres.has_data
    try:
        assert await postgres.start() == postgres.url
    finally:
        await postgres.stop()


async def test_a_server_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    starter = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _STARTER, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert starter.stdout is not None
    pid = int(await starter.stdout.readline())
    server = psutil.Process(pid)
    starter.kill()
    await starter.wait()
    await asyncio.to_thread(server.wait, 20)
    assert not server.is_running()


_STARTER = """
import asyncio, pathlib, sys
from toccata.standalone.postgres import EmbeddedPostgres
async def main():
    server = EmbeddedPostgres(pathlib.Path(sys.argv[1]))
    await server.start()
    print(server.pid, flush=True)
    await server.wait()
asyncio.run(main())
"""


def test_each_database_is_fresh(databases: Callable[[], str]) -> None:
    assert databases() != databases()
