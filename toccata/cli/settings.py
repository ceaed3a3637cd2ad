"""Where the system is: from the environment, else from the standalone that runs on the data directory, else the defaults."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from toccata.cli.errors import MISUSED, CommandError
from toccata.runtime.postgres import PostgresSettings
from toccata.runtime.settings import KafkaSettings
from toccata.standalone.errors import StandaloneError
from toccata.standalone.home import RunFile, read_run_file
from toccata.standalone.settings import DEFAULT_PASSWORD, DEFAULT_USERNAME


class CliSettings(BaseSettings):
    """The same variables as the services read, and ``TOCCATA_URL``."""

    model_config = SettingsConfigDict(
        env_prefix="TOCCATA_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    home: Path = Field(Path(".toccata"), description="the data directory")
    url: str = Field("", description="address of web; default: the standalone's on the data directory")
    web_port: int = Field(
        8080, ge=1, le=65535, description="port of web on this machine, where no URL is set"
    )
    auth_username: str = Field(DEFAULT_USERNAME, description="sign-in; default: the standalone's")
    auth_password: SecretStr = Field(SecretStr(DEFAULT_PASSWORD))
    kafka_bootstrap_servers: str = Field("", description="Kafka; default: the standalone's")
    database_url: SecretStr = Field(SecretStr(""), description="PostgreSQL; default: the standalone's")
    storage_url: str = Field("", description="internal storage, as the worker has it")
    plugin_path: str = Field("", description="folders with installed plugin packages, separated as in PATH")

    @cached_property
    def running(self) -> RunFile | None:
        """The standalone on the data directory, if one runs."""
        try:
            return read_run_file(self.home)
        except StandaloneError:
            return None

    @property
    def web_url(self) -> str:
        if self.url:
            return self.url.rstrip("/")
        return self.running["url"] if self.running is not None else f"http://127.0.0.1:{self.web_port}"

    def kafka(self) -> KafkaSettings:
        if not self.kafka_bootstrap_servers and self.running is not None:
            return KafkaSettings(bootstrap_servers=self.running["kafka_bootstrap_servers"])
        return KafkaSettings()

    def database(self) -> PostgresSettings:
        if not self.database_url.get_secret_value() and self.running is not None:
            return PostgresSettings(url=SecretStr(self.running["database_url"]))
        return PostgresSettings()

    @property
    def plugin_folders(self) -> list[Path]:
        return [Path(folder) for folder in self.plugin_path.split(os.pathsep) if folder]


def read_settings() -> CliSettings:
    """Raises CommandError when a variable is wrong."""
    try:
        return CliSettings()
    except ValidationError as error:
        found = "; ".join(f"TOCCATA_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise CommandError(
            f"A setting is wrong: {found}", "Correct that environment variable.", MISUSED
        ) from None
