"""Settings that several processes share. Each ``__main__`` reads them once and passes them on as values."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from toccata.runtime.variables import VariableSettings


class KafkaSettings(VariableSettings):
    """How to reach Kafka. TLS and SASL are passed through to the client."""

    model_config = SettingsConfigDict(env_prefix="TOCCATA_KAFKA_", frozen=True)

    bootstrap_servers: str = Field("localhost:9092", description="host:port, comma-separated")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="how the connection is protected"
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "PLAIN", description="how to sign in, if the protocol uses SASL"
    )
    sasl_username: str | None = Field(None, description="SASL user")
    sasl_password: SecretStr | None = Field(None, description="SASL password")
    ssl_ca_file: Path | None = Field(None, description="PEM bundle of trusted authorities")
    ssl_cert_file: Path | None = Field(
        None, description="PEM certificate of the client, if the broker asks for one"
    )
    ssl_key_file: Path | None = Field(None, description="PEM key of that certificate")
    topic_prefix: str = Field("toccata.", description="prepended to every topic name")

    def client_options(self) -> dict[str, Any]:
        """Return the arguments for the connection of aiokafka's client."""
        options: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers,
            "security_protocol": self.security_protocol,
        }
        if self.security_protocol.startswith("SASL"):
            options["sasl_mechanism"] = self.sasl_mechanism
            options["sasl_plain_username"] = self.sasl_username
            options["sasl_plain_password"] = self.sasl_password and self.sasl_password.get_secret_value()
        if self.security_protocol.endswith("SSL"):
            import ssl

            context = ssl.create_default_context(cafile=self.ssl_ca_file)
            if self.ssl_cert_file is not None:
                context.load_cert_chain(self.ssl_cert_file, self.ssl_key_file)
            options["ssl_context"] = context
        return options


class CommonSettings(VariableSettings):
    """The settings of every service."""

    model_config = SettingsConfigDict(env_prefix="TOCCATA_", frozen=True, extra="ignore")

    home: Path = Field(Path(".toccata"), description="the data directory: storage, spools, logs")
    health_host: str = Field("127.0.0.1", description="address of the health and metrics port")
    health_port: int = Field(0, ge=0, le=65535, description="0: any free port")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="the lowest level of log lines that are written"
    )
    drain_seconds: float = Field(10.0, ge=0, description="grace period between SIGTERM and giving up")
    memory_limit_mb: int = Field(
        4_096,
        ge=0,
        description="MiB that a service may allocate; a rendering that needs more fails; 0: no limit",
    )
    instance: str = Field(
        "",
        description="name of this replica, which no other one may have; the default is host and process id",
    )


class ProcessorSettings(VariableSettings):
    """The settings of processors, which executor and trigger-listener host."""

    model_config = SettingsConfigDict(env_prefix="TOCCATA_PROCESSOR_", frozen=True, extra="ignore")

    snapshot_records: int = Field(
        100_000, ge=1, description="a snapshot is taken after this many decisions of a partition"
    )
    snapshot_seconds: float = Field(
        60.0, gt=0, description="a snapshot is taken after this time, if a partition decided anything"
    )
    write_version: int = Field(
        3,
        ge=1,
        le=3,
        description="the newest format to write: 2 while replicas of a version before loops as ranges are there, 1 while those of one "
        "before snapshots of what changed are",
    )
    accept_loss: str = Field(
        "",
        description="losses of journals to accept, as the error names them, such as registry/0@17; comma-separated",
    )

    def accepted(self) -> dict[str, frozenset[int]]:
        """Return the offsets of journals at which a loss is accepted, by ``processor/partition``."""
        found: dict[str, frozenset[int]] = {}
        for item in filter(None, (part.strip() for part in self.accept_loss.split(","))):
            partition, _, offset = item.partition("@")
            found[partition] = found.get(partition, frozenset()) | {int(offset)}
        return found

    @field_validator("accept_loss")
    @classmethod
    def _losses(cls, text: str) -> str:
        for item in filter(None, (part.strip() for part in text.split(","))):
            if not re.fullmatch(r"[a-z]+/\d+@\d+", item):
                raise ValueError(f"`{item}` is no loss: copy it from the error, such as registry/0@17")
        return text
