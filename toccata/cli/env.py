"""``toccata env``: shows the resolved addresses and their sources, or prints them as variables for the shell."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from contracts.principal import Principal, user_of
from toccata.cli.credential import password_in
from toccata.cli.errors import CommandError
from toccata.cli.option import Form
from toccata.cli.output import say, say_table, say_value
from toccata.cli.target.reach import kafka_of, users_of
from toccata.cli.target.resolve import DEFAULT, redacted
from toccata.cli.target.value import Known, Target, Unknown, Value, require
from toccata.runtime.settings import KafkaSettings
from toccata.standalone.kafka_users import MECHANISM

_HIDDEN = "***"
_BOOTSTRAP = "TOCCATA_KAFKA_BOOTSTRAP_SERVERS"


def show(target: Target, form: Form) -> None:
    """Passwords are never shown."""
    rows = [_row(variable, value) for variable, value in _values(target).items()]
    if form != "table":
        say_value(
            [
                {"variable": v, "value": text, "source": source, "advice": advice}
                for v, text, source, advice in rows
            ],
            form,
        )
        return
    say_table(("VARIABLE", "VALUE", "FROM"), [(v, text or "-", source) for v, text, source, _ in rows])
    for variable, text, _, advice in rows:
        if text is None:
            say(f"{variable}: {advice}")


@dataclass(frozen=True, slots=True)
class Client:
    """Whose sign-in is printed, and where its password is: None for a standalone's own Kafka, or the environment's."""

    principal: Principal = "person"
    credentials: Path | None = None


_PERSON = Client()


def export(target: Target, client: Client) -> None:
    """Print ``export NAME=value`` for known values that are not defaults, including passwords."""
    known = {
        name: value.text
        for name, value in {**_servers(target), **_kafka_user(target, client)}.items()
        if not isinstance(value, Unknown) and value.source != DEFAULT
    }
    if not known:
        raise CommandError(
            f"No standalone runs on {target.home.absolute()}, and nothing names another system.",
            "Start one with `make run` or `toccata standalone`, or set TOCCATA_HOME to its data directory.",
        )
    for name, text in known.items():
        say(f"export {name}={shlex.quote(text)}")


def kafka_properties(target: Target, client: Client) -> None:
    """Print the settings of a client as Kafka's own clients and tools read them, including the password."""
    for line in properties_of(_kafka_of(target, client)):
        say(line)


def _kafka_of(target: Target, client: Client) -> KafkaSettings:
    settings = kafka_of(target, client.principal)
    if client.credentials is None:
        return settings
    protected = settings.security_protocol.endswith("SSL")
    sign_in = {
        "security_protocol": "SASL_SSL" if protected else "SASL_PLAINTEXT",
        "sasl_mechanism": MECHANISM,
        "sasl_username": user_of(client.principal, settings.topic_prefix),
        "sasl_password": SecretStr(password_in(client.credentials, client.principal)),
    }
    return settings.model_copy(update=sign_in)


def properties_of(kafka: KafkaSettings) -> list[str]:
    lines = {
        "bootstrap.servers": kafka.bootstrap_servers,
        "security.protocol": kafka.security_protocol,
    }
    if kafka.security_protocol.startswith("SASL"):
        lines["sasl.mechanism"] = kafka.sasl_mechanism
        lines["sasl.jaas.config"] = _jaas(kafka)
    if kafka.security_protocol.endswith("SSL"):
        lines |= _tls(kafka)
    return [f"{name}={text}" for name, text in lines.items()]


def sasl_variables(kafka: KafkaSettings) -> dict[str, str]:
    """How a client signs in, as variables of a process."""
    password = kafka.sasl_password.get_secret_value() if kafka.sasl_password is not None else ""
    return {
        "TOCCATA_KAFKA_SECURITY_PROTOCOL": kafka.security_protocol,
        "TOCCATA_KAFKA_SASL_MECHANISM": kafka.sasl_mechanism,
        "TOCCATA_KAFKA_SASL_USERNAME": kafka.sasl_username or "",
        "TOCCATA_KAFKA_SASL_PASSWORD": password,
    }


def _jaas(kafka: KafkaSettings) -> str:
    module = "plain.PlainLoginModule" if kafka.sasl_mechanism == "PLAIN" else "scram.ScramLoginModule"
    password = kafka.sasl_password.get_secret_value() if kafka.sasl_password is not None else ""
    name, secret = (_quoted(text) for text in (kafka.sasl_username or "", password))
    return f"org.apache.kafka.common.security.{module} required username={name} password={secret};"


def _quoted(text: str) -> str:
    """As JAAS reads it, in a file that takes a backslash for the beginning of an escape."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\\", "\\\\") + '"'


def _tls(kafka: KafkaSettings) -> dict[str, str]:
    lines: dict[str, str] = {}
    if kafka.ssl_ca_file is not None:
        lines |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": str(kafka.ssl_ca_file.absolute())}
    if kafka.ssl_cert_file is not None:
        # One PEM file with certificate and key: Kafka's clients read both from it.
        lines |= {"ssl.keystore.type": "PEM", "ssl.keystore.location": str(kafka.ssl_cert_file.absolute())}
    return lines


def _values(target: Target) -> dict[str, Known]:
    return {**_servers(target), **_kafka_user(target)}


def _kafka_user(target: Target, client: Client = _PERSON) -> dict[str, Known]:
    """How a person's programs sign in to a standalone's own Kafka, or to one whose users `toccata credentials` made. Any other Kafka
    has users of its own."""
    if client.credentials is not None:
        return {
            name: Value(text, str(client.credentials))
            for name, text in sasl_variables(_kafka_of(target, client)).items()
        }
    if target.kafka_users is None:
        return {}
    variables = users_of(target).environment(client.principal, require(target.kafka))
    return {
        name: Value(text, str(target.kafka_users)) for name, text in variables.items() if name != _BOOTSTRAP
    }


def _servers(target: Target) -> dict[str, Known]:
    token: dict[str, Known] = {} if target.token is None else {"TOCCATA_TOKEN": target.token}
    return {
        **token,
        "TOCCATA_URL": target.url,
        "TOCCATA_AUTH_USERNAME": target.username,
        "TOCCATA_AUTH_PASSWORD": target.password,
        _BOOTSTRAP: target.kafka,
        "TOCCATA_KAFKA_TOPIC_PREFIX": target.topic_prefix,
        "TOCCATA_DATABASE_URL": target.database,
    }


def _row(variable: str, value: Known) -> tuple[str, str | None, str, str]:
    if isinstance(value, Unknown):
        return variable, None, value.reason, value.advice
    text = _HIDDEN if variable.endswith(("_PASSWORD", "_TOKEN")) else redacted(value.text)
    return variable, text, value.source, ""
