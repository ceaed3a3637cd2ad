"""Least privilege between the services of one machine."""

from __future__ import annotations

import pytest

from toccata.standalone.environment import needed_by
from toccata.standalone.service import SERVICES

GIVEN = {
    "PATH": "/bin",
    "TOCCATA_HOME": "/h",
    "TOCCATA_DATABASE_URL": "postgresql://u:p@h/d",
    "TOCCATA_AUTH_USERNAME": "a@b",
    "TOCCATA_AUTH_PASSWORD": "Strong-1",
    "SECRET_TOKEN": "dG9rZW4=",
}
CONFIDENTIAL = {
    "web": {"TOCCATA_DATABASE_URL", "TOCCATA_AUTH_USERNAME", "TOCCATA_AUTH_PASSWORD"},
    "indexer": {"TOCCATA_DATABASE_URL"},
    "worker": {"SECRET_TOKEN"},
    "executor": set(),
    "trigger-listener": set(),
}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_started_with_the_confidences_that_it_needs(service: str) -> None:
    """Users' scripts run below the worker, and can read its environment."""
    assert needed_by(service, GIVEN).keys() == {"PATH", "TOCCATA_HOME"} | CONFIDENTIAL[service]
