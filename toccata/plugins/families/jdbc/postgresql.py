"""``jdbc.postgresql.*``"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import BaseModel

from toccata.plugin import PolledProperties, Properties, Secret, TaskType, dynamic
from toccata.plugins.families.jdbc.declare import Database, batch, queries, query, trigger
from toccata.plugins.families.jdbc.properties import Connected, Inserted, ManyStatements, Queried

_OF = Database(
    package="postgresql",
    name="PostgreSQL",
    extra="postgres",
    url="url: jdbc:postgresql://localhost:5432/trips\nusername: reader\npassword: \"{{ secret('DATABASE_PASSWORD') }}\"",
)
_LOADED = 'from: "{{ outputs.trips.uri }}"\ntable: trips\nformat: CSV\nheader: true'
_RUN = "toccata.plugins.families.jdbc.run.task"


class Encrypted(Properties):
    """How the connection is encrypted. Certificates and keys are texts in PEM."""

    database: ClassVar[str] = "postgresql"
    login_options: ClassVar[tuple[str, ...]] = (
        "ssl",
        "ssl_mode",
        "ssl_root_cert",
        "ssl_cert",
        "ssl_key",
        "ssl_key_password",
    )
    ssl: bool = dynamic(
        default=False, doc="encrypt; without `sslMode`, the server's certificate is checked in full"
    )
    ssl_mode: Literal["DISABLE", "ALLOW", "PREFER", "REQUIRE", "VERIFY_CA", "VERIFY_FULL"] | None = dynamic(
        None, doc="how much is checked"
    )
    ssl_root_cert: str | None = dynamic(None, doc="certificate of the authority that signed the server's")
    ssl_cert: str | None = dynamic(None, doc="certificate of the client")
    ssl_key: Secret | None = dynamic(None, doc="key of the client")
    ssl_key_password: Secret | None = dynamic(None, doc="password of that key")


class Query(Encrypted, Queried):
    """Runs one statement."""


class Queries(Encrypted, ManyStatements):
    """Runs statements one after the other."""


class Batch(Encrypted, Inserted):
    """Inserts the rows of a file, chunk by chunk. For files of text, CopyIn is faster."""


class Trigger(Encrypted, Queried, PolledProperties):
    """Runs a query again and again, and starts an execution when it gives rows: use `fetchType`, because without it none are read.
    `afterSQL` can mark what was read, in the same transaction."""


QUERY = query(_OF, Query)
QUERIES = queries(_OF, Queries)
TRIGGER = trigger(_OF, Trigger)
BATCH = batch(_OF, Batch)


class Copied(Encrypted, Connected):
    """The options of COPY."""

    table: str | None = dynamic(None, doc="the table")
    columns: list[str] = dynamic([], doc="its columns; empty: all")
    format: Literal["TEXT", "CSV", "BINARY"] = dynamic("TEXT", doc="of the file")
    oids: bool | None = dynamic(None, doc="also copy object ids; only servers before version 12 have them")
    freeze: bool | None = dynamic(None, doc="write rows as if VACUUM FREEZE had been run")
    delimiter: str | None = dynamic(None, doc="between columns", max_length=1)
    null_string: str | None = dynamic(None, doc="text that stands for null")
    header: bool | None = dynamic(None, doc="the first line names the columns")
    quote: str | None = dynamic(None, doc="around values of CSV", max_length=1)
    escape: str | None = dynamic(None, doc="before a quote within a value of CSV", max_length=1)
    force_quote: list[str] = dynamic([], doc="columns whose values are always quoted")
    force_not_null: list[str] = dynamic([], doc="columns in which the null text is a text")
    force_null: list[str] = dynamic([], doc="columns in which the null text is null, also in quotes")
    encoding: str | None = dynamic(None, doc="of the file, such as `LATIN1`; without it, UTF8")


class CopyIn(Copied):
    """Loads a file into a table, as it is: the server reads it."""

    login_options: ClassVar[tuple[str, ...]] = (*Encrypted.login_options, "socket_timeout")
    from_: str = dynamic(doc="URI of the file", alias="from")
    socket_timeout: int | None = dynamic(None, doc="seconds that the copy may take", ge=0)


class CopyOut(Copied):
    """Writes a table, or the rows of a query, into a file."""

    login_options: ClassVar[tuple[str, ...]] = (*Encrypted.login_options, "socket_timeout")
    sql: str | None = dynamic(None, doc="a query, in place of `table`")
    socket_timeout: int | None = dynamic(None, doc="seconds that the copy may take", ge=0)


class CopyInOutputs(BaseModel):
    rowCount: int  # noqa: N815 - the name in flows


class CopyOutOutputs(CopyInOutputs):
    uri: str
    """The file."""


COPY_IN = TaskType(
    name=_OF.type_name("CopyIn"),
    title="Load a file into PostgreSQL",
    properties=CopyIn,
    run=f"{_RUN}:copy_in",
    outputs=CopyInOutputs,
    extra="toccata[postgres]",
    kind="heavy",
    examples=(f"id: load\ntype: {_OF.type_name('CopyIn')}\n{_OF.url}\n{_LOADED}",),
)
COPY_OUT = TaskType(
    name=_OF.type_name("CopyOut"),
    title="Write a table of PostgreSQL into a file",
    properties=CopyOut,
    run=f"{_RUN}:copy_out",
    outputs=CopyOutOutputs,
    extra="toccata[postgres]",
    kind="heavy",
    examples=(
        f"id: export\ntype: {_OF.type_name('CopyOut')}\n{_OF.url}\nsql: SELECT 1 AS a\nformat: CSV\nheader: true",
    ),
)
