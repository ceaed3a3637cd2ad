"""What compose.yaml gives to whom: doors that ask for a password, and each password to the one service that needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.principal import SERVICES, user_of
from toccata.cli.credential import BROKER_FILE, BROKER_LISTENERS, DATABASE, KAFKA, make_broker
from toccata.runtime.postgres_roles import ROLES, role_name
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.variables import FILE_SUFFIX, SECRET_SETTINGS
from toccata.standalone.kafka_users import BROKER as BROKER_USER

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
BROKER: dict[str, str] = CONTAINERS["kafka"]["environment"]
INITIAL, COMMANDS = ("check", "topics"), ("client", "toccata")
PREFIX = KafkaSettings.model_fields["topic_prefix"].default


def pairs(text: str) -> dict[str, str]:
    return dict(each.split(":", 1) for each in text.split(","))


def secrets_of(container: str) -> dict[str, str]:
    """Its volumes with secrets: name and the rest of the line."""
    mounted = (each.partition(":") for each in CONTAINERS[container].get("volumes", []))
    return {volume: rest for volume, _, rest in mounted if volume.startswith("secrets-")}


def test_every_listener_of_kafka_asks_for_a_password() -> None:
    listeners = pairs(BROKER["KAFKA_LISTENERS"])
    protocols = pairs(BROKER["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"])
    assert protocols == dict.fromkeys(listeners, "SASL_PLAINTEXT")
    assert listeners["CONTROLLER"] == "//localhost:9093", "nobody else can reach it"
    assert BROKER["KAFKA_ALLOW_EVERYONE_IF_NO_ACL_FOUND"] == "false"
    assert BROKER["KAFKA_AUTHORIZER_CLASS_NAME"].endswith("StandardAuthorizer")


def test_no_password_is_sent_over_the_listener_of_the_machine() -> None:
    assert BROKER["KAFKA_LISTENER_NAME_EXTERNAL_SASL_ENABLED_MECHANISMS"] == "SCRAM-SHA-256"
    assert "EXTERNAL://localhost:" in BROKER["KAFKA_ADVERTISED_LISTENERS"]


def test_the_super_users_are_those_that_the_first_steps_make(tmp_path: Path) -> None:
    make_broker(tmp_path)
    made = (tmp_path / "kafka" / BROKER_FILE).read_text()
    assert f'username="{BROKER_USER}"' in made
    assert f"User:{BROKER_USER};User:{user_of('operator', PREFIX)}" == BROKER["KAFKA_SUPER_USERS"]
    assert CONTAINERS["topics"]["environment"]["TOCCATA_KAFKA_SASL_USERNAME"] == BROKER_USER
    for listener in BROKER_LISTENERS:
        assert "PLAIN" in BROKER[f"KAFKA_LISTENER_NAME_{listener.upper()}_SASL_ENABLED_MECHANISMS"]
        assert f"listener.name.{listener}.plain.sasl.jaas.config=" in made
    assert "secrets-kafka:/mnt/shared/config:ro,nocopy" in CONTAINERS["kafka"]["volumes"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_signs_in_as_itself_with_the_password_in_its_own_folder(service: str) -> None:
    environment = CONTAINERS[service]["environment"]
    folder = f"/secrets/{service}"
    assert secrets_of(service) == {f"secrets-{service}": f"{folder}:ro"}
    assert environment["TOCCATA_KAFKA_SECURITY_PROTOCOL"] == "SASL_PLAINTEXT"
    assert environment["TOCCATA_KAFKA_SASL_MECHANISM"] == "SCRAM-SHA-256"
    assert environment["TOCCATA_KAFKA_SASL_USERNAME"] == user_of(service, PREFIX)  # type: ignore[arg-type]
    assert environment["TOCCATA_KAFKA_SASL_PASSWORD_FILE"] == f"{folder}/{KAFKA}"
    if service in ROLES:
        role = role_name("toccata", service)
        assert environment["TOCCATA_DATABASE_URL"] == f"postgresql://{role}@postgres:5432/toccata"
        assert environment["TOCCATA_DATABASE_PASSWORD_FILE"] == f"{folder}/{DATABASE}"
    else:
        assert not any(name.startswith("TOCCATA_DATABASE") for name in environment)


def test_only_the_first_steps_and_the_servers_see_the_passwords_of_administrators() -> None:
    for volume in ("secrets-broker", "secrets-kafka", "secrets-database"):
        holders = {name for name in CONTAINERS if volume in secrets_of(name)}
        assert holders <= {*INITIAL, "kafka", "postgres"}, volume
    assert secrets_of("postgres").keys() == {"secrets-database"}
    assert secrets_of("kafka").keys() == {"secrets-kafka"}


def test_the_step_that_makes_passwords_can_write_every_folder_that_a_service_reads() -> None:
    written = secrets_of("topics")
    for service in SERVICES:
        assert written[f"secrets-{service}"] == f"/secrets/{service}"
    image = (ROOT / "Dockerfile").read_text()
    for name in CONTAINERS:
        for volume, place in secrets_of(name).items():
            # Docker gives a new volume the owner and the rights that the folder has in the image which mounts it first.
            folder = place.removesuffix(":ro")
            assert folder in image.split() or name == "kafka", (name, volume)


@pytest.mark.parametrize("name", [name for name in CONTAINERS if name != "check"])
def test_no_environment_holds_a_password(name: str) -> None:
    environment = CONTAINERS[name].get("environment", {})
    assert not set(environment) & {*SECRET_SETTINGS} - {"TOCCATA_DATABASE_URL"}
    for variable, text in environment.items():
        if "PASSWORD" in variable:
            assert variable.endswith(FILE_SUFFIX), variable
            assert text.startswith("/secrets/"), variable
        assert 'password="' not in text
        assert "_PASSWORD}" not in text
        assert "_PASSWORD:" not in text
    assert ":" not in environment.get("TOCCATA_DATABASE_URL", "//@").split("//")[1].split("@")[0]


def test_up_starts_no_container_that_holds_the_passwords_of_persons() -> None:
    for name in CONTAINERS:
        if "secrets-clients" in secrets_of(name) and name != "topics":
            assert name in COMMANDS
            assert CONTAINERS[name]["profiles"] == ["commands"]


def test_services_wait_until_users_and_roles_are_made() -> None:
    for service in SERVICES:
        assert CONTAINERS[service]["depends_on"] == {
            "topics": {"condition": "service_completed_successfully"}
        }
    assert set(CONTAINERS["topics"]["depends_on"]) == {"kafka", "postgres"}


def test_the_worker_may_change_users_and_is_the_user_of_the_image() -> None:
    """Scripts then are other users than the worker, and its files belong to the user that web has."""
    worker = CONTAINERS["worker"]
    before, program = " ".join(worker["command"]).split(" -- ")
    assert program == "python -m services.worker"
    assert "useradd --uid 10001" in (ROOT / "Dockerfile").read_text()
    assert {"--reuid=10001", "--regid=10001", "--clear-groups"} <= set(before.split())
    kept = ",".join(["-all", *(f"+{name.lower()}" for name in worker["cap_add"])])
    assert {f"--inh-caps={kept}", f"--ambient-caps={kept}"} <= set(before.split())
    assert "TOCCATA_WORKER_ISOLATION" not in worker["environment"]


@pytest.mark.parametrize("name", CONTAINERS)
def test_no_container_can_gain_rights(name: str) -> None:
    assert CONTAINERS[name]["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in CONTAINERS[name]["security_opt"]
    assert name in ("postgres", "worker") or "cap_add" not in CONTAINERS[name]
