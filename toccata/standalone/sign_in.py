"""How each service signs in to the embedded servers: as its own principal of Kafka, and as its own role of PostgreSQL."""

from __future__ import annotations

from contracts.principal import SERVICES
from toccata.runtime.postgres_roles import ROLES
from toccata.standalone.kafka_users import KafkaUsers
from toccata.standalone.postgres import EmbeddedPostgres


def own_sign_ins(
    service: str, users: KafkaUsers | None, bootstrap: str, postgres: EmbeddedPostgres | None
) -> dict[str, str]:
    """The variables of this service alone. None stands for a server of somebody else, which has sign-ins of its own."""
    found: dict[str, str] = {}
    for principal in SERVICES:
        if users is not None and principal == service:
            found |= users.environment(principal, bootstrap)
    for role in ROLES:
        if postgres is not None and role == service:
            found["TOCCATA_DATABASE_URL"] = postgres.url_of(role)
    return found
