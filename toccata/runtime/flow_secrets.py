"""Secrets of flows from variables, in Kestra's form: ``SECRET_<NAME>`` holds the value in base64."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from toccata.runtime.variables import FLOW_SECRET


class EnvironmentSecrets:
    """Neither names nor values appear in ``repr``, so they are never printed."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._encoded = {
            name.removeprefix(FLOW_SECRET): value
            for name, value in environment.items()
            if name.startswith(FLOW_SECRET)
        }

    def names(self) -> set[str]:
        return set(self._encoded)

    def get(self, name: str) -> str | None:
        """Return the secret, or None if there is none. Raise ValueError if it is not base64."""
        encoded = self._encoded.get(name.upper())
        if encoded is None:
            return None
        try:
            return base64.b64decode(encoded, validate=True).decode()
        except ValueError:
            raise ValueError(f"secret `{name}` is not UTF-8 text in base64") from None
