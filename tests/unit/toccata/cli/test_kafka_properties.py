"""The settings of a client for Kafka's own clients and tools, and the rules as commands of Kafka's own tool."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contracts.principal import Rule
from toccata.cli.env import Client, export, kafka_properties, properties_of
from toccata.cli.errors import CommandError
from toccata.cli.target.value import Target, Value
from toccata.cli.topic import as_command
from toccata.runtime.settings import KafkaSettings


def settings(**values: Any) -> KafkaSettings:
    return KafkaSettings.model_validate({"bootstrap_servers": "k:9092", **values})


def test_without_sign_in_there_are_two_lines() -> None:
    assert properties_of(settings()) == ["bootstrap.servers=k:9092", "security.protocol=PLAINTEXT"]


def test_a_user_signs_in_by_scram() -> None:
    user = {"sasl_mechanism": "SCRAM-SHA-256", "sasl_username": "toccata-person", "sasl_password": "s3cret"}
    assert properties_of(settings(security_protocol="SASL_PLAINTEXT", **user))[2:] == [
        "sasl.mechanism=SCRAM-SHA-256",
        "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required"  # noqa: ISC004 - one long line
        ' username="toccata-person" password="s3cret";',
    ]


@pytest.mark.parametrize(("password", "written"), [('a"b', 'a\\\\"b'), ("a\\b", "a\\\\\\\\b")])
def test_a_password_is_quoted_for_jaas_and_for_the_file(password: str, written: str) -> None:
    user = {"sasl_mechanism": "PLAIN", "sasl_username": "me", "sasl_password": password}
    assert f'password="{written}";' in properties_of(settings(security_protocol="SASL_SSL", **user))[3]


def test_authorities_are_named(tmp_path: Path) -> None:
    lines = properties_of(settings(security_protocol="SSL", ssl_ca_file=tmp_path / "ca.pem"))
    assert f"ssl.truststore.location={tmp_path / 'ca.pem'}" in lines


def test_a_rule_is_a_command_of_kafkas_tool() -> None:
    allowed = Rule("web", "topic", "toccata.replies", "READ")
    assert as_command(allowed, "toccata.") == (
        "kafka-acls.sh --add --allow-principal User:toccata-web --operation Read --topic toccata.replies"
    )
    denied = Rule("person", "group", "*", "READ", allowed=False)
    assert "--deny-principal User:toccata-person --operation Read --group '*'" in as_command(
        denied, "toccata."
    )


def test_a_folder_of_credentials_signs_in_whoever_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "publisher").mkdir()
    (tmp_path / "publisher" / "kafka-password").write_text("s3cret\n")
    kafka_properties(a_target("k:29092"), Client("publisher", tmp_path))
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "bootstrap.servers=k:29092",
        "security.protocol=SASL_PLAINTEXT",
        "sasl.mechanism=SCRAM-SHA-256",
    ]
    assert 'username="toccata-publisher" password="s3cret";' in lines[3]
    export(a_target("k:29092"), Client("publisher", tmp_path))
    exported = capsys.readouterr().out
    assert "export TOCCATA_KAFKA_SASL_USERNAME=toccata-publisher" in exported
    assert "export TOCCATA_KAFKA_SASL_PASSWORD=s3cret" in exported
    assert "export TOCCATA_KAFKA_BOOTSTRAP_SERVERS=k:29092" in exported


def test_a_folder_without_that_principal_is_an_error_that_says_who_makes_it(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"person/kafka-password cannot be read") as refused:
        kafka_properties(a_target("k:29092"), Client("person", tmp_path))
    assert "toccata credentials" in refused.value.advice


def a_target(kafka: str) -> Target:
    def value(text: str) -> Value:
        return Value(text, "a test")

    return Target(
        home=Path(),
        url=value("http://localhost:1"),
        username=value("u"),
        password=value("p"),
        kafka=value(kafka),
        topic_prefix=value("toccata."),
        database=value("postgresql://localhost/x"),
    )
