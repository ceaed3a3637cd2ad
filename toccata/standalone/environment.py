"""Which variables each service is started with: none that is confidential and not its business."""

from __future__ import annotations

from collections.abc import Mapping

_CONFIDENTIAL = {
    "TOCCATA_DATABASE_URL": {"web", "indexer"},
    "TOCCATA_AUTH_USERNAME": {"web"},
    "TOCCATA_AUTH_PASSWORD": {"web"},
}
_SECRETS = "SECRET_"


def needed_by(service: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Without what is confidential and not the service's business. Users' code runs below the worker, and there can read what
    the worker was started with: of that, flows' secrets only."""
    return {
        name: value
        for name, value in variables.items()
        if service in _CONFIDENTIAL.get(name, {service})
        and (service == "worker" or not name.startswith(_SECRETS))
    }
