"""Settings of standalone, read once in ``__main__``. Services get the rest of the environment unchanged."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from toccata.runtime.address import local_url
from toccata.runtime.variables import VariableSettings


class StandaloneSettings(VariableSettings):
    model_config = SettingsConfigDict(
        env_prefix="TOCCATA_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    home: Path = Field(Path(".toccata"), description="the data directory: everything that survives a stop")
    web_port: int = Field(8080, ge=1, le=65535, description="port of the API and the user interface")
    web_host: str = Field("127.0.0.1", description="address that web listens on")
    web_public_url: str = Field("", description="address of web in the banner and in links")
    kafka_port: int | None = Field(
        None, ge=1, le=65535, description="port of the embedded Kafka; default: a free one"
    )
    postgres_port: int | None = Field(
        None, ge=1, le=65535, description="port of the embedded PostgreSQL; default: a free one"
    )
    kafka_bootstrap_servers: str = Field("", description="your own Kafka, instead of the embedded one")
    kafka_topic_prefix: str = Field("toccata.", description="prepended to every topic name")
    database_url: SecretStr = Field(
        SecretStr(""), description="your own PostgreSQL, instead of the embedded one"
    )
    database_password: SecretStr = Field(
        SecretStr(""), description="its password, if the address of your own PostgreSQL has none"
    )
    auth_username: str = Field(
        "", description="sign-in of the API and the user interface; default: admin@kestra.io"
    )
    auth_password: SecretStr = Field(
        SecretStr(""),
        description="its password; default: made at the first start, printed, and kept in the data directory",
    )
    auth_password_hash: SecretStr = Field(
        SecretStr(""),
        description="instead of the password, its argon2id hash",
    )
    drain_seconds: float = Field(10.0, ge=0, description="grace period of each service on a stop")

    @property
    def local_url(self) -> str:
        """The address of web on this machine."""
        return local_url(self.web_host, self.web_port)

    @property
    def public_url(self) -> str:
        """The address of web for people, in the banner and in every link."""
        return self.web_public_url.rstrip("/") or self.local_url
