"""``toccata credentials``: makes the users of Kafka with their rules, and the roles of PostgreSQL, each with a password in a file.

For servers of your own, and for compose: whoever starts a service mounts that service's folder, and no other. A broker that begins
without any user needs a sign-in of its own first, to make the others with: ``--broker`` makes it.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from contracts.principal import OUTSIDERS, SERVICES, Principal, rules, user_of
from toccata.cli.errors import MISUSED, CommandError
from toccata.cli.kafka_away import kafka_away
from toccata.cli.output import say
from toccata.cli.target.reach import database_of, kafka_of
from toccata.cli.target.value import Target, Unknown
from toccata.runtime.errors import Fatal, ToccataError, Transient
from toccata.runtime.kafka_access import put_rules, put_users
from toccata.runtime.log import configure
from toccata.runtime.postgres import PostgresSettings, close, connect
from toccata.runtime.postgres_roles import ROLES, put_roles
from toccata.runtime.privacy import kept_password
from toccata.runtime.settings import KafkaSettings
from toccata.standalone.kafka_users import BROKER, broker_jaas

KAFKA, DATABASE = "kafka-password", "database-password"
"""The names of the files, in the folder of each principal."""
BROKER_FOLDER = "kafka"
"""What the broker itself reads is there, in a file of this name."""
BROKER_FILE = "server.properties"
BROKER_LISTENERS = ("internal", "controller")
"""Where it signs in to itself. Other listeners take no PLAIN."""


def make_broker(folder: Path) -> None:
    """Make the sign-in of a broker before it runs. Its password stays. The broker's container has another user, so everybody who
    reaches the file can read it: it belongs on a volume that only the broker mounts."""
    jaas = broker_jaas(kept(folder / BROKER / KAFKA))
    lines = [f"listener.name.{each}.plain.sasl.jaas.config={jaas}\n" for each in BROKER_LISTENERS]
    file = folder / BROKER_FOLDER / BROKER_FILE
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.write_text("".join(lines))
        # Kafka's container copies it with its rights, and then adds to the copy.
        file.chmod(0o644)
    except OSError as error:
        raise _unusable(file, error) from error
    say(f"the broker's own sign-in is in {file}, and its password in {folder}/{BROKER}/{KAFKA}")


def make(target: Target, folder: Path, foreign: list[str], *, operator: bool = False) -> None:
    """Passwords that exist stay. So this may run at every start, and also gives a new version's rules. ``operator``: also make
    that user, which the brokers must name among their super users."""
    if target.kafka_users is not None:
        raise CommandError(
            "A standalone makes the users of its own servers by itself.",
            "`toccata env` shows how to sign in there.",
            MISUSED,
        )
    configure("cli", "error")
    kafka = kafka_of(target)
    who: list[Principal] = [*SERVICES, *OUTSIDERS]
    who += ["operator"] if operator else []
    passwords = {user_of(each, kafka.topic_prefix): kept(folder / each / KAFKA) for each in who}
    try:
        asyncio.run(_make_users(kafka, passwords, foreign))
    except Fatal as error:
        raise CommandError(
            f"{error}.", "Sign in as a super user of Kafka: TOCCATA_KAFKA_SASL_USERNAME and _PASSWORD."
        ) from error
    except Transient as error:
        raise kafka_away(kafka, error) from error
    say(f"{len(passwords)} users of Kafka with their rules; their passwords are in {folder}/…/{KAFKA}")
    if isinstance(target.database, Unknown):
        return
    try:
        asyncio.run(_make_roles(database_of(target), folder))
    except (ToccataError, ValueError) as error:
        raise CommandError(
            f"The roles of PostgreSQL cannot be made: {error}.", "Name its owner in TOCCATA_DATABASE_URL."
        ) from error
    say(f"{len(ROLES)} roles of PostgreSQL; their passwords are in {folder}/…/{DATABASE}")


async def _make_users(kafka: KafkaSettings, passwords: dict[str, str], foreign: list[str]) -> None:
    await put_rules(kafka, rules(kafka.topic_prefix, foreign), replace=True)
    await put_users(kafka, passwords)


async def _make_roles(settings: PostgresSettings, folder: Path) -> None:
    connection = await connect(settings, "toccata-credentials")
    try:
        await put_roles(connection, {role: kept(folder / role / DATABASE) for role in ROLES})
    finally:
        await close(connection)


def kept(file: Path) -> str:
    """The password in this file, made if there is none. Somebody may have ended it with a line feed."""
    try:
        return kept_password(file).strip()
    except OSError as error:
        raise _unusable(file, error) from error


def password_in(folder: Path, principal: Principal) -> str:
    """The password of a principal's Kafka user in such a folder. Nothing is made."""
    file = folder / principal / KAFKA
    try:
        return file.read_text().strip()
    except OSError as error:
        raise CommandError(
            f"{file} cannot be read: {error.strerror}.", "`toccata credentials` makes such a folder.", MISUSED
        ) from error


def _unusable(file: Path, error: OSError) -> CommandError:
    return CommandError(f"{file} cannot be used: {error.strerror}.", "Name a folder that is yours.", MISUSED)
