"""The variables that this process was given: its environment, files with secrets, and secrets from its parent's descriptor.

Another process of the same user can read an environment, so standalone hands secrets over through a descriptor. Compose and
Kubernetes mount them as files.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource
from pydantic_settings.sources.utils import parse_env_vars

from toccata.runtime.errors import Fatal

FLOW_SECRET = "SECRET_"  # noqa: S105 - a prefix of names
"""Begins the names of variables that ``secret()`` of flows reads."""
FLOW_SECRETS_FILE = "TOCCATA_FLOW_SECRETS_FILE"
"""Names a file with such variables: one ``SECRET_<NAME>=<base64>`` a line."""
DESCRIPTOR = "TOCCATA_SECRETS_DESCRIPTOR"
"""Names the descriptor from which a service reads its secrets, as one JSON object, before anything else."""
SECRET_SETTINGS = (
    "TOCCATA_AUTH_PASSWORD",
    "TOCCATA_AUTH_PASSWORD_HASH",
    "TOCCATA_DATABASE_URL",
    "TOCCATA_DATABASE_PASSWORD",
    "TOCCATA_ENCRYPTION_SECRET_KEY",
    "TOCCATA_KAFKA_SASL_PASSWORD",
)
"""Each may also be set by a file: the same name with ``_FILE`` holds its path."""
FILE_SUFFIX = "_FILE"


def variables() -> dict[str, str]:
    """All variables by name. Secrets from the parent win over the environment. Raises Fatal for a secret file that cannot
    be used."""
    handed = _handed()
    return {**os.environ, **_from_files({**os.environ, **handed}), **handed}


def secret_files(environment: Mapping[str, str]) -> dict[str, Path]:
    """The files that hold secrets, by setting. That of flows' secrets is under ``SECRET_``."""
    named = {name: environment.get(name + FILE_SUFFIX, "") for name in SECRET_SETTINGS}
    named[FLOW_SECRET] = environment.get(FLOW_SECRETS_FILE, "")
    return {name: Path(file) for name, file in named.items() if file}


class VariableSettings(BaseSettings):
    """Settings that are read from :func:`variables`."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library names the parameters
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, _Variables(settings_cls)


class _Variables(EnvSettingsSource):
    def _load_env_vars(self) -> Mapping[str, str | None]:
        return parse_env_vars(
            variables(), self.case_sensitive, self.env_ignore_empty, self.env_parse_none_str
        )


@cache
def _handed() -> dict[str, str]:
    """Read the parent's secrets once, and close the descriptor, so that no child of this process inherits it."""
    number = os.environ.pop(DESCRIPTOR, "")
    if not number:
        return {}
    try:
        with os.fdopen(int(number), "rb") as stream:
            found: dict[str, str] = json.load(stream)
    except (OSError, ValueError) as error:
        raise Fatal(
            f"{DESCRIPTOR}={number} holds no secrets: only standalone sets it, so unset it"
        ) from error
    return found


def _from_files(environment: Mapping[str, str]) -> dict[str, str]:
    files = secret_files(environment)
    flow_secrets = files.pop(FLOW_SECRET, None)
    found = {name: _setting(name, file, environment) for name, file in files.items()}
    return found if flow_secrets is None else {**_flow_secrets(flow_secrets), **found}


def _setting(name: str, file: Path, environment: Mapping[str, str]) -> str:
    """The text without the line end that editors add."""
    if environment.get(name):
        raise Fatal(f"{name} and {name}{FILE_SUFFIX} are both set: unset one of them")
    return _text(name + FILE_SUFFIX, file).rstrip("\r\n")


def _flow_secrets(file: Path) -> dict[str, str]:
    found = {}
    for number, line in enumerate(_text(FLOW_SECRETS_FILE, file).splitlines(), 1):
        name, separator, value = line.strip().partition("=")
        if not name or name.startswith("#"):
            continue
        if not separator or not name.startswith(FLOW_SECRET):
            # The line is not shown, because it may hold a secret.
            raise Fatal(f"{FLOW_SECRETS_FILE}: line {number} of {file} must be {FLOW_SECRET}<NAME>=<base64>")
        found[name] = value
    return found


def _text(setting: str, file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise Fatal(f"{setting}: {file} cannot be read: {reason}") from error
