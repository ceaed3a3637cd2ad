"""Least privilege between the services of one machine."""

from __future__ import annotations

import pytest

from toccata.standalone.environment import confidential, public
from toccata.standalone.service import SERVICES

GIVEN = {
    "PATH": "/bin",
    "TOCCATA_HOME": "/h",
    "TOCCATA_DATABASE_URL": "postgresql://u:p@h/d",
    "TOCCATA_DATABASE_PASSWORD": "p",
    "TOCCATA_DATABASE_PASSWORD_FILE": "/run/secrets/p",
    "PGPASSWORD": "p",
    "TOCCATA_AUTH_USERNAME": "a@b",
    "TOCCATA_AUTH_PASSWORD": "Strong-1",
    "TOCCATA_AUTH_PASSWORD_FILE": "/run/secrets/a",
    "TOCCATA_KAFKA_SASL_PASSWORD": "k",
    "TOCCATA_FLOW_SECRETS_FILE": "/run/secrets/f",
    "TOCCATA_SECRETS_DESCRIPTOR": "7",
    "SECRET_TOKEN": "dG9rZW4=",
}
DATABASE = {"TOCCATA_DATABASE_URL", "TOCCATA_DATABASE_PASSWORD"}
KAFKA = {"TOCCATA_KAFKA_SASL_PASSWORD"}
CONFIDENTIAL = {
    "web": {*DATABASE, *KAFKA, "TOCCATA_AUTH_USERNAME", "TOCCATA_AUTH_PASSWORD"},
    "indexer": {*DATABASE, *KAFKA},
    "worker": {*KAFKA, "SECRET_TOKEN"},
    "executor": KAFKA,
    "trigger-listener": KAFKA,
}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_handed_the_confidences_that_it_needs(service: str) -> None:
    assert confidential(service, GIVEN).keys() == CONFIDENTIAL[service]


def test_no_environment_has_a_confidence_or_says_where_one_is() -> None:
    """Users' scripts run on the same machine, as the same user, and can read every environment."""
    assert public(GIVEN) == {"PATH": "/bin", "TOCCATA_HOME": "/h"}
