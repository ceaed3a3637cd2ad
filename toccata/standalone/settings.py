"""Settings of standalone, read once in ``__main__``. Everything else in the environment reaches the services as it is."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_USERNAME = "admin@kestra.io"
DEFAULT_PASSWORD = "Admin1234!"  # noqa: S105 - documented; web takes it on loopback only


class StandaloneSettings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="TOCCATA_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    home: Path = Field(Path(".toccata"), description="the data directory: everything that survives a stop")
    web_port: int = Field(8080, ge=1, le=65535, description="port of the API and the user interface")
    kafka_port: int | None = Field(
        None, ge=1, le=65535, description="of the embedded Kafka; default: a free one"
    )
    postgres_port: int | None = Field(
        None, ge=1, le=65535, description="of the embedded PostgreSQL; default: a free one"
    )
    kafka_bootstrap_servers: str = Field(
        "", description="a Kafka that runs already, instead of the embedded one"
    )
    database_url: SecretStr = Field(
        SecretStr(""), description="a PostgreSQL that runs already, instead of the embedded one"
    )
    auth_username: str = Field(DEFAULT_USERNAME, description="sign-in of the API and the user interface")
    auth_password: SecretStr = Field(SecretStr(DEFAULT_PASSWORD), description="its password")
    drain_seconds: float = Field(10.0, ge=0, description="grace period of each service on a stop")
