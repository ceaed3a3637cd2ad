"""Commands that replace this process by another program, so that signals and exit codes are that program's."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Literal, NoReturn, get_args

from toccata.cli.target.value import Target, require

Service = Literal["web", "trigger-listener", "executor", "worker", "indexer"]
SERVICES: tuple[Service, ...] = get_args(Service)


def become(
    module: str, arguments: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> NoReturn:
    """``python -m module``, with the environment as it is or the one given."""
    sys.stdout.flush()
    os.execve(  # noqa: S606 - no shell is wanted
        sys.executable, [sys.executable, "-m", module, *arguments], environment or os.environ
    )


def serve(target: Target, service: Service) -> NoReturn:
    """Run a service with the same Kafka and database as every command."""
    environment = _addresses(target, service)
    become(f"services.{service.replace('-', '_')}", environment=environment)


def rebuild(target: Target, *, accept_loss: bool) -> NoReturn:
    """As the indexer's principal and role, so that the tables stay the indexer's."""
    arguments = ["--accept-loss"] if accept_loss else []
    become("services.indexer.rebuild", arguments, _addresses(target, "indexer"))


def _addresses(target: Target, service: Service) -> dict[str, str]:
    """Raises CommandError for an unknown address."""
    kafka = require(target.kafka)
    environment = {
        **os.environ,
        "TOCCATA_KAFKA_BOOTSTRAP_SERVERS": kafka,
        "TOCCATA_KAFKA_TOPIC_PREFIX": target.topic_prefix.text,
    }
    if target.kafka_users is not None:
        from toccata.cli.target.reach import users_of  # here, since `toccata --help` needs no client of Kafka

        environment |= users_of(target).environment(service, kafka)
    if service in ("web", "indexer"):
        environment["TOCCATA_DATABASE_URL"] = _database(target, service)
    return environment


def _database(target: Target, role: Literal["web", "indexer"]) -> str:
    """The address with the sign-in of the service's own role, if a standalone made it. Any other address has its user in it."""
    address = require(target.database)
    if target.postgres_users is None:
        return address
    from toccata.cli.target.reach import address_of_role  # here, for the same reason

    return address_of_role(address, target.postgres_users, role)
