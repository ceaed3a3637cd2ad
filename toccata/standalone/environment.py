"""Which variables each process gets. Confidential ones never stand in an environment: every process of the same user can read it.

A service gets its confidential variables through a descriptor (:mod:`toccata.runtime.variables`), and only those that it needs.
"""

from __future__ import annotations

from collections.abc import Mapping

from toccata.runtime.variables import DESCRIPTOR, FILE_SUFFIX, FLOW_SECRET, FLOW_SECRETS_FILE, SECRET_SETTINGS

_NEEDED_BY = {
    "TOCCATA_DATABASE_URL": {"web", "indexer"},
    "TOCCATA_DATABASE_PASSWORD": {"web", "indexer"},
    "TOCCATA_AUTH_USERNAME": {"web"},
    "TOCCATA_AUTH_PASSWORD": {"web"},
    "TOCCATA_AUTH_PASSWORD_HASH": {"web"},
    "TOCCATA_KAFKA_SASL_PASSWORD": {"web", "trigger-listener", "executor", "worker", "indexer"},
    "TOCCATA_ENCRYPTION_SECRET_KEY": {"web", "worker"},
    "PGPASSWORD": set[str](),  # the supervisor hands it on as TOCCATA_DATABASE_PASSWORD
    "TOCCATA_TOKEN": set[str](),  # of the command line
}
_ELSEWHERE = {DESCRIPTOR, FLOW_SECRETS_FILE, *(name + FILE_SUFFIX for name in SECRET_SETTINGS)}
"""They say where secrets are. The supervisor has read them."""


def public(variables: Mapping[str, str]) -> dict[str, str]:
    """What may stand in the environment of a process."""
    return {
        name: value
        for name, value in variables.items()
        if not _is_confidential(name) and name not in _ELSEWHERE
    }


def confidential(service: str, variables: Mapping[str, str]) -> dict[str, str]:
    """The confidential variables that the service needs. Only the worker reads secrets of flows."""
    return {
        name: value
        for name, value in variables.items()
        if service in _NEEDED_BY.get(name, set()) or (service == "worker" and name.startswith(FLOW_SECRET))
    }


def _is_confidential(name: str) -> bool:
    return name in _NEEDED_BY or name.startswith(FLOW_SECRET)
