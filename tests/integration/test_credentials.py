"""``toccata credentials`` on servers that have a super user and nothing else: users, rules and roles, each password in its own file."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from contracts.principal import OUTSIDERS, SERVICES, user_of
from tests.support.system import own_database, within
from toccata.cli.credential import DATABASE, KAFKA, make
from toccata.cli.errors import CommandError
from toccata.cli.target.value import Target, Value
from toccata.runtime.errors import Transient
from toccata.runtime.kafka import Producer, Record
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.topic_admin import ensure_topics
from toccata.standalone.kafka import EmbeddedKafka
from toccata.standalone.kafka_users import KafkaUsers, remembered_users

pytestmark = [pytest.mark.servers, pytest.mark.anyio, pytest.mark.timeout(240)]


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[tuple[str, KafkaUsers]]:
    """Closed, and known to nobody but the operator of another prefix."""
    users = remembered_users(tmp_path / "kafka", "admin.")
    kafka = EmbeddedKafka(tmp_path / "kafka", users=users)
    await kafka.start()
    yield kafka.address, users
    await kafka.stop()


async def test_services_sign_in_with_the_passwords_in_their_folders(
    broker: tuple[str, KafkaUsers], postgres_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, users = broker
    for name, text in users.environment("operator", address).items():
        monkeypatch.setenv(name, text)
    monkeypatch.setenv("TOCCATA_KAFKA_TOPIC_PREFIX", "toccata.")
    folder = tmp_path / "secrets"
    async with own_database(postgres_server) as database:
        target = a_target(address, database)
        await asyncio.to_thread(make, target, folder, [])
        written = {file: file.read_text() for file in folder.glob("*/*")}
        await asyncio.to_thread(make, target, folder, [])
        assert {file: file.read_text() for file in folder.glob("*/*")} == written, "passwords stay"
        assert {file.parent.name for file in written if file.name == KAFKA} == {*SERVICES, *OUTSIDERS}
        assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in written)

        await ensure_topics(KafkaSettings(), only=("events",))
        producer = Producer(signed_in(address, folder, "publisher"), "p", deadline_seconds=20)

        async def published() -> bool:
            await producer.send("events", [Record(b"k", b"{}")])
            return True

        await within(120, published, Transient)
        await producer.stop()

        name = database.rsplit("/", 1)[1]
        place = database.rsplit("@", 1)[1]
        web = await asyncpg.connect(
            f"postgresql://{name}_web@{place}", password=(folder / "web" / DATABASE).read_text()
        )
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await web.execute("CREATE TABLE mine (line text)")
        await web.close()
    administrator = await asyncpg.connect(postgres_server)
    await administrator.execute(f"DROP ROLE {name}_web, {name}_indexer")
    await administrator.close()


async def test_the_users_of_a_standalone_are_left_alone(tmp_path: Path) -> None:
    target = a_target("127.0.0.1:1", "postgresql://nobody@127.0.0.1:1/x", tmp_path)
    with pytest.raises(CommandError, match="by itself"):
        make(target, tmp_path / "secrets", [])


def a_target(kafka: str, database: str, users: Path | None = None) -> Target:
    def value(text: str) -> Value:
        return Value(text, "a test")

    return Target(
        home=Path(),
        url=value("http://localhost:1"),
        username=value("u"),
        password=value("p"),
        kafka=value(kafka),
        topic_prefix=value("toccata."),
        database=value(database),
        kafka_users=users,
    )


def signed_in(address: str, folder: Path, principal: str) -> KafkaSettings:
    return KafkaSettings.model_validate(
        {
            "bootstrap_servers": address,
            "topic_prefix": "toccata.",
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "SCRAM-SHA-256",
            "sasl_username": user_of("publisher", "toccata."),
            "sasl_password": (folder / principal / KAFKA).read_text(),
        }
    )
