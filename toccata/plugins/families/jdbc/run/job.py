"""What the engine is asked to do, and what it answers. Both also travel as JSON between a worker and a child."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from msgspec import Struct

FetchType: TypeAlias = Literal["STORE", "FETCH", "FETCH_ONE", "NONE"]


class Login(Struct, frozen=True, kw_only=True):
    """How to reach the database."""

    database: str
    """The first scheme of the JDBC URLs of its driver."""
    url: str
    user: str | None = None
    password: str | None = None
    zone: str | None = None
    """Of timestamps that have none."""
    options: Mapping[str, Any] = {}
    """Further properties of the task, by their names in Python."""
    directory: str
    """Files are written here."""


class Statements(Struct, frozen=True, kw_only=True, tag="statements"):
    sql: str
    many: bool
    """Whether the text may have several statements."""
    after: str | None = None
    """Runs in the same transaction."""
    fetch: FetchType = "NONE"
    fetch_size: int = 10_000
    parameters: Mapping[str, Any] = {}
    transaction: bool = True


class Batch(Struct, frozen=True, kw_only=True, tag="batch"):
    source: str
    """The path of a file of rows."""
    sql: str | None = None
    table: str | None = None
    columns: Sequence[str] = ()
    chunk: int = 1000
    retries: int = 0
    """After a broken connection."""
    backoff: float = 1.0
    """Seconds before the first retry. Each further wait is twice as long."""
    resume: bool = True
    """A retry begins after the last chunk that was committed."""


class Copy(Struct, frozen=True, kw_only=True, tag="copy"):
    """The bulk copy of PostgreSQL."""

    sql: str
    source: str | None = None
    """The path of the file to send. None: the server sends rows, into the path ``target``."""
    target: str = ""


Work: TypeAlias = Statements | Batch | Copy


class Job(Struct, frozen=True, kw_only=True):
    login: Login
    work: Work


class Fetched(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One result set."""

    row: Mapping[str, Any] | None = None
    rows: Sequence[Mapping[str, Any]] | None = None
    path: str | None = None
    """The file of rows."""
    size: int | None = None


class Done(Struct, frozen=True, kw_only=True, omit_defaults=True):
    fetched: Sequence[Fetched] = ()
    rows: int = 0
    """Read from the source, or copied."""
    updated: int = 0
    notes: Sequence[str] = ()
    """For the task's log: what the server said, and what was not carried out."""


class Failed(Struct, frozen=True, kw_only=True):
    message: str
    notes: Sequence[str] = ()
