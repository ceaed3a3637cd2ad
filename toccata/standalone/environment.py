"""Which variables each service gets. Confidential ones go only to the services that need them."""

from __future__ import annotations

from collections.abc import Mapping

_CONFIDENTIAL = {
    "TOCCATA_DATABASE_URL": {"web", "indexer"},
    "TOCCATA_AUTH_USERNAME": {"web"},
    "TOCCATA_AUTH_PASSWORD": {"web"},
}
_SECRETS = "SECRET_"


def needed_by(service: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Leave out confidential variables that the service does not need. Users' code runs below the worker and can read
    the worker's environment, so the worker gets no secrets but those of flows."""
    return {
        name: value
        for name, value in variables.items()
        if service in _CONFIDENTIAL.get(name, {service})
        and (service == "worker" or not name.startswith(_SECRETS))
    }
