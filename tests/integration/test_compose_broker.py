"""Kafka as compose.yaml configures it, without containers: what the first steps make is what services sign in with, and nobody else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from aiokafka.client import AIOKafkaClient

from contracts.principal import PRINCIPALS, SERVICES, Principal, Rule, user_of, writers
from contracts.topics import TOPICS
from tests.integration.test_credentials import a_target
from tests.integration.test_security_principals import may_write, signed_in
from tests.support.system import within
from toccata.cli.credential import BROKER_FILE, BROKER_FOLDER, KAFKA, make, make_broker
from toccata.cli.target.value import Unknown
from toccata.runtime.errors import Transient
from toccata.runtime.kafka_access import put_rules
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.topic_admin import check_topics, connected_admin, ensure_topics
from toccata.standalone.kafka import EmbeddedKafka
from toccata.standalone.kafka_answer import answers, listens
from toccata.standalone.kafka_users import BROKER
from toccata.standalone.port import LOOPBACK, free_port

pytestmark = [pytest.mark.servers, pytest.mark.anyio, pytest.mark.timeout(240)]
COMPOSE = yaml.safe_load((Path(__file__).parents[2] / "compose.yaml").read_text())["services"]
PORTS = {"INTERNAL": "9092", "EXTERNAL": "29092", "CONTROLLER": "9093"}


class ComposeBroker(EmbeddedKafka):
    """The broker's container: its environment and its mounted file are the properties, with other ports and folders."""

    def __init__(self, folder: Path, secrets: Path) -> None:
        self.ports = {name: free_port() for name in PORTS}
        super().__init__(folder, self.ports["INTERNAL"])
        self._secrets = secrets
        self._plain = f"\0{BROKER}\0{(secrets / BROKER / KAFKA).read_text()}".encode()

    def external(self, principal: Principal | None) -> KafkaSettings:
        return self.settings("EXTERNAL", principal)

    def settings(self, listener: str, principal: Principal | None) -> KafkaSettings:
        """As that principal with the password in its folder, or as nobody."""
        values: dict[str, object] = {"bootstrap_servers": f"{LOOPBACK}:{self.ports[listener]}"}
        if principal is not None:
            file = self._secrets / principal / KAFKA
            values |= sign_in("SCRAM-SHA-256", user_of(principal, "toccata."), file.read_text())
        return KafkaSettings.model_validate(values)

    def administrator(self, listener: str) -> KafkaSettings:
        """As the step ``topics`` signs in."""
        given = COMPOSE["topics"]["environment"]
        user, mechanism = given["TOCCATA_KAFKA_SASL_USERNAME"], given["TOCCATA_KAFKA_SASL_MECHANISM"]
        password = (self._secrets / BROKER / KAFKA).read_text()
        address = f"{LOOPBACK}:{self.ports[listener]}"
        return KafkaSettings.model_validate(
            {"bootstrap_servers": address, **sign_in(mechanism, user, password)}
        )

    def _write_properties(self) -> Path:
        mounted = (self._secrets / BROKER_FOLDER / BROKER_FILE).read_text()
        given = {_property(name): text for name, text in COMPOSE["kafka"]["environment"].items()}
        given["log.dirs"] = str(self._data_dir / "log")
        lines = [f"{name}={self._moved(text)}" for name, text in given.items()]
        file = self._data_dir / "server.properties"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(mounted + "\n".join(lines))
        return file

    def _moved(self, text: str) -> str:
        text = text.replace("${TOCCATA_KAFKA_PORT:-29092}", PORTS["EXTERNAL"])
        for name, port in PORTS.items():
            text = re.sub(rf"(?<=//)\w*:{port}\b", f"{LOOPBACK}:{self.ports[name]}", text)
        return text.replace("1@localhost:9093", f"1@{LOOPBACK}:{self.ports['CONTROLLER']}")

    def _archive_options(self) -> list[str]:
        return []

    async def _answers(self, pid: int) -> bool:
        port = self.ports["INTERNAL"]
        return listens(pid, port) and await answers(port, self._plain)


def sign_in(mechanism: str, user: str, password: str) -> dict[str, object]:
    return {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": mechanism,
        "sasl_username": user,
        "sasl_password": password,
    }


def _property(variable: str) -> str:
    """As Kafka's image names the property that a variable stands for."""
    name = variable.removeprefix("KAFKA_").lower()
    return name.replace("___", "-").replace("_", ".")


class Prepared(NamedTuple):
    kafka: ComposeBroker
    secrets: Path

    async def make_again(self) -> None:
        """What ``topics`` does at every start."""
        patch = pytest.MonkeyPatch()
        administrator = self.kafka.administrator("INTERNAL")
        password = administrator.sasl_password
        assert password is not None
        try:
            patch.setenv("TOCCATA_KAFKA_SECURITY_PROTOCOL", administrator.security_protocol)
            patch.setenv("TOCCATA_KAFKA_SASL_MECHANISM", administrator.sasl_mechanism)
            patch.setenv("TOCCATA_KAFKA_SASL_USERNAME", administrator.sasl_username or "")
            patch.setenv("TOCCATA_KAFKA_SASL_PASSWORD", password.get_secret_value())
            target = a_target(administrator.bootstrap_servers, "postgresql://nobody@127.0.0.1:1/x")
            without_database = replace(target, database=Unknown("", ""))
            await asyncio.to_thread(make, without_database, self.secrets, [], operator=True)
        finally:
            patch.undo()


@pytest.fixture(scope="module")
async def prepared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Prepared]:
    """After the steps ``check`` and ``topics``."""
    folder = tmp_path_factory.mktemp("compose")
    make_broker(folder / "secrets")
    kafka = ComposeBroker(folder / "kafka", folder / "secrets")
    await kafka.start()
    try:
        await ensure_topics(kafka.administrator("INTERNAL"))
        made = Prepared(kafka, folder / "secrets")
        await made.make_again()

        async def known() -> bool:
            return await check_topics(kafka.settings("INTERNAL", "operator")) == []

        await within(60, known, Transient)
        yield made
    finally:
        await kafka.stop()


async def test_everybody_signs_in_with_the_password_in_their_folder(prepared: Prepared) -> None:
    for principal in PRINCIPALS:
        listener = "INTERNAL" if principal in SERVICES else "EXTERNAL"
        async with signed_in(prepared.kafka.settings(listener, principal)) as client:
            allowed = {name for name, topic in TOPICS.items() if principal in writers(topic)}
            assert await may_write(client) == (set(TOPICS) if principal == "operator" else allowed)


@pytest.mark.parametrize("listener", PORTS)
async def test_without_a_password_no_listener_answers(prepared: Prepared, listener: str) -> None:
    with pytest.raises(Transient):
        await connected_admin(prepared.kafka.settings(listener, None))


async def test_the_administrators_password_is_of_no_use_on_the_listener_of_the_machine(
    prepared: Prepared,
) -> None:
    with pytest.raises(Transient):
        await connected_admin(prepared.kafka.administrator("EXTERNAL"))
    stranger = prepared.kafka.administrator("INTERNAL").model_copy(
        update={"sasl_username": user_of("operator", "toccata.")}
    )
    with pytest.raises(Transient):
        await connected_admin(stranger)


async def test_the_steps_may_run_again_beside_running_services(prepared: Prepared) -> None:
    """At no moment does a rule lack that a service needs."""
    allowed = {name for name, topic in TOPICS.items() if "worker" in writers(topic)}
    seen: list[set[str]] = []
    ended = asyncio.Event()

    async def watch(client: AIOKafkaClient) -> None:
        while not ended.is_set():
            seen.append(await may_write(client))

    async with (
        signed_in(prepared.kafka.settings("INTERNAL", "worker")) as client,
        asyncio.TaskGroup() as group,
    ):
        group.create_task(watch(client))
        for _ in range(3):
            await prepared.make_again()
        ended.set()
    assert len(seen) > 10
    assert [each for each in seen if each != allowed] == []


async def test_a_rule_that_is_not_needed_any_more_goes_away(prepared: Prepared) -> None:
    too_much = Rule("worker", "topic", "toccata.executions.commands", "WRITE")
    await put_rules(prepared.kafka.settings("INTERNAL", "operator"), [too_much])
    async with signed_in(prepared.kafka.settings("INTERNAL", "worker")) as client:

        async def may() -> bool:
            return "executions.commands" in await may_write(client)

        async def may_not() -> bool:
            return not await may()

        await within(60, may)
        await prepared.make_again()
        await within(60, may_not)
