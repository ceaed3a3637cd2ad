"""Settings of web, read once in ``__main__``."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from services.web.core.access.session import Lifetimes
from services.web.core.access.state import Identity
from services.web.core.caller import Proxies
from toccata.runtime.credential import sign_in_problems
from toccata.runtime.errors import Fatal
from toccata.runtime.password import generation_of, hash_password
from toccata.runtime.variables import VariableSettings


class AuthSettings(VariableSettings):
    model_config = SettingsConfigDict(env_prefix="TOCCATA_AUTH_", frozen=True)

    username: str = Field("", description="an e-mail address")
    password: SecretStr = Field(
        SecretStr(""),
        description="8 to 256 characters with an upper-case letter, a lower-case letter and a digit; easy ones are refused"
        " where others can reach web",
    )
    password_hash: SecretStr = Field(
        SecretStr(""),
        description="instead of the password, its argon2id hash; `toccata password hash` makes one",
    )


class WebSettings(VariableSettings):
    model_config = SettingsConfigDict(env_prefix="TOCCATA_WEB_", frozen=True)

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on; 0 for any free port")
    public_url: str = Field(
        "", description="address in links; default: http://localhost:port, or the host on which web listens"
    )
    allowed_hosts: str = Field(
        "",
        description="more host names under which web answers, separated by commas: `web, *.example.org`; `*` for all,"
        " if a proxy checks them. Always: loopback, the host of the public URL, and the address on which web listens",
    )
    max_body_bytes: int = Field(256 * 1024 * 1024, ge=1024, description="largest request body")
    max_webhook_bytes: int = Field(
        768 * 1024, ge=1024, description="largest webhook body, which travels in one record"
    )
    webhook_keep: str = Field(
        "",
        description="headers and parameters of webhooks that executions keep although they look like credentials,"
        " separated by commas: `x-gitlab-token, *signature*`",
    )
    webhook_drop: str = Field(
        "",
        description="more headers and parameters of webhooks that executions never keep, separated by commas",
    )
    webhook_rate: float = Field(
        0.0, ge=0, description="calls a second that one webhook takes before it answers 429; 0: any number"
    )
    webhook_burst: int = Field(
        100, ge=1, description="calls that may come at once, with `TOCCATA_WEB_WEBHOOK_RATE`"
    )
    webhook_secrets: Path | None = Field(
        None,
        description="folder with a file for each secret that webhooks use, named like the secret; default:"
        " `webhook-secrets` in the data directory",
    )
    trusted_proxies: str = Field(
        "",
        description="addresses or networks of proxies whose `X-Forwarded-For` says who calls, separated by commas",
    )
    max_connections: int = Field(
        1000,
        ge=16,
        le=100_000,
        description="largest number of connections; more end the one that is idle for longest, or get 503."
        " The limit of open files may allow less",
    )
    head_seconds: float = Field(
        10.0, ge=0.1, le=600, description="seconds within which the head of a request must arrive"
    )
    body_seconds: float = Field(
        10.0, ge=0.1, le=600, description="in each such span, in seconds, a body must bring 1 KiB a second"
    )
    max_projection_lag: int = Field(
        200_000,
        ge=1,
        description="lag of the projection, in events, above which new executions are refused with 429",
    )
    opening_seconds: float = Field(
        10.0,
        ge=0,
        le=60,
        description="seconds for which requests wait, just after the start, until web has read the flows",
    )
    session_idle_minutes: int = Field(
        720,
        ge=5,
        le=525_600,
        description="minutes without any request after which a sign-in of the page ends; it stays for at least three quarters of them",
    )
    session_hours: int = Field(
        720, ge=1, le=8_760, description="hours after which a sign-in of the page ends in any case"
    )
    database_connections: int = Field(
        8, ge=1, le=200, description="largest number of connections to PostgreSQL"
    )
    reported_version: str = Field(
        "2.0.0+toccata", description="version that /configs reports; clients choose their paths by it"
    )
    plugin_path: str = Field(
        "",
        validation_alias="TOCCATA_PLUGIN_PATH",
        description="folders with plugin packages, separated as in PATH; must be the same as the worker's",
    )
    storage_url: str = Field(
        "",
        validation_alias="TOCCATA_STORAGE_URL",
        description="internal storage, for files of executions; must be the same as the worker's",
    )

    @property
    def host_names(self) -> tuple[str, ...]:
        """Names under which web answers, beside those that follow from its addresses."""
        return (self.host, *self.allowed_hosts.split(","))

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        Proxies(value.split(","))
        return value

    @property
    def lifetimes(self) -> Lifetimes:
        return Lifetimes(self.session_idle_minutes * 60_000, self.session_hours * 3_600_000)

    @property
    def plugin_folders(self) -> list[Path]:
        return [Path(folder) for folder in self.plugin_path.split(os.pathsep) if folder]


def identity_of(auth: AuthSettings, host: str) -> Identity:
    """Raises Fatal without a sign-in, and with one that is not good enough for the address that web listens on. Takes a
    twentieth of a second, because hashing is slow."""
    password, given = auth.password.get_secret_value(), auth.password_hash.get_secret_value()
    problems = sign_in_problems(auth.username, password, host, given)
    if problems:
        raise Fatal("; ".join(problems))
    return Identity(
        auth.username, generation_of(auth.username, password, given), given or hash_password(password)
    )
