"""Commands that replace this process by another program, so that signals and exit codes are that program's."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Literal, NoReturn, get_args

from toccata.cli.target.value import Target, require

Service = Literal["web", "trigger-listener", "executor", "worker", "indexer"]
SERVICES: tuple[Service, ...] = get_args(Service)
_USES_THE_DATABASE = frozenset({"web", "indexer"})


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
    environment = _addresses(target, service, database=service in _USES_THE_DATABASE)
    become(f"services.{service.replace('-', '_')}", environment=environment)


def rebuild(target: Target, *, accept_loss: bool) -> NoReturn:
    arguments = ["--accept-loss"] if accept_loss else []
    become("services.indexer.rebuild", arguments, _addresses(target, "indexer", database=True))


def _addresses(target: Target, service: Service, *, database: bool) -> dict[str, str]:
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
    if database:
        environment["TOCCATA_DATABASE_URL"] = require(target.database)
    return environment
