"""The resolved addresses of one system, each with its source."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from toccata.cli.errors import MISUSED, CommandError


@dataclass(frozen=True, slots=True)
class Value:
    """A text and its source: an option, a variable, a run.json, or the default."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The address is not known, and guessing would mix two systems."""

    reason: str
    advice: str


Known = Value | Unknown


@dataclass(frozen=True, slots=True)
class Given:
    """The options of the command line that name a system."""

    url: str | None = None
    user: str | None = None
    password: str | None = None
    kafka: str | None = None
    token: str | None = None

    def over(self, earlier: Given) -> Given:
        """These options, completed by those before the command."""
        merged = {f.name: getattr(self, f.name) or getattr(earlier, f.name) for f in fields(self)}
        return Given(**merged)


@dataclass(frozen=True, slots=True)
class Target:
    """One system. Its values never come from two."""

    home: Path
    url: Known
    username: Known
    password: Known
    kafka: Known
    topic_prefix: Value
    database: Known
    kafka_users: Path | None = None
    """The folder with the passwords of a standalone's own Kafka."""
    postgres_users: Path | None = None
    """The folder with the passwords of a standalone's own PostgreSQL."""
    token: Value | None = None
    """An API token. It takes the place of user name and password."""
    environment_applies: bool = True
    """False if the variables name another system than the options. No variable is used then."""


def require(value: Known) -> str:
    """The text. Raises CommandError that says why it is not known and how to set it."""
    if isinstance(value, Unknown):
        raise CommandError(value.reason, value.advice, MISUSED)
    return value.text
