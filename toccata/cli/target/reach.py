"""Turns a target into settings of clients. Raises CommandError for a part whose address is not known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from contracts.principal import Principal
from toccata.cli.errors import MISUSED, CommandError
from toccata.cli.target.value import Target, require
from toccata.runtime.postgres import PostgresSettings
from toccata.runtime.postgres_roles import DatabaseRole
from toccata.runtime.settings import KafkaSettings
from toccata.standalone.errors import StandaloneError
from toccata.standalone.kafka_users import KafkaUsers, read_passwords
from toccata.standalone.postgres_users import kept_sign_in


def kafka_of(target: Target, principal: Principal = "operator") -> KafkaSettings:
    """``principal`` is whom a standalone's own Kafka sees. Any other Kafka sees the user of the environment."""
    servers, prefix = require(target.kafka), target.topic_prefix.text
    values: dict[str, Any] = {"bootstrap_servers": servers, "topic_prefix": prefix}
    if not target.environment_applies or target.kafka_users is not None:
        # The credentials in the environment belong to another Kafka, or are of less use than those of the standalone.
        values = {**_without_environment(), **values}
    if target.kafka_users is not None:
        values |= users_of(target).variables(principal, servers)
    try:
        settings = KafkaSettings(**values)
        settings.client_options()
    except ValidationError as error:
        raise _wrong("TOCCATA_KAFKA_", error) from None
    except OSError as error:
        # The error of the TLS context does not name the file.
        raise CommandError(
            f"A file of Kafka's TLS settings cannot be used: {error.strerror or error}.",
            "Correct TOCCATA_KAFKA_SSL_CA_FILE, TOCCATA_KAFKA_SSL_CERT_FILE and TOCCATA_KAFKA_SSL_KEY_FILE.",
            MISUSED,
        ) from error
    return settings


def users_of(target: Target) -> KafkaUsers:
    """The users of a standalone's own Kafka. Raises CommandError if another Kafka is meant, or if they cannot be read."""
    if target.kafka_users is None:
        raise CommandError(
            "Only a standalone with its own Kafka has these users.",
            "Give TOCCATA_KAFKA_SASL_USERNAME and _PASSWORD.",
        )
    try:
        return KafkaUsers(target.kafka_users, target.topic_prefix.text, read_passwords(target.kafka_users))
    except StandaloneError as error:
        raise CommandError(str(error), "Run this as the user who started it.") from error


def address_of_role(address: str, folder: Path, role: DatabaseRole) -> str:
    """The address of a standalone's database with the sign-in of this role. Raises CommandError if its password cannot be read."""
    try:
        sign_in = kept_sign_in(folder, role)
    except StandaloneError as error:
        raise CommandError(str(error), "Run this as the user who started it.") from error
    scheme, _, place = address.partition("://")
    return f"{scheme}://{sign_in}@{place.rpartition('@')[2]}"


def database_of(target: Target) -> PostgresSettings:
    return PostgresSettings(url=SecretStr(require(target.database)))


def _wrong(prefix: str, error: ValidationError) -> CommandError:
    """An error that names each wrong variable."""
    found = "; ".join(f"{prefix}{str(each['loc'][0]).upper()}: {each['msg']}" for each in error.errors())
    return CommandError(f"A setting is wrong: {found}", "Correct that environment variable.", MISUSED)


def _without_environment() -> dict[str, Any]:
    return {name: field.default for name, field in KafkaSettings.model_fields.items()}
