"""Properties and outputs that tasks of all databases share."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, Field

from toccata.plugin import Duration, Properties, Secret, dynamic, static

_ONE_EACH = "each task opens a connection of its own"
_OLD_FETCH = "older form of `fetchType: {}`; it wins when true"
_LOCAL_INPUT = "the rows are copied to the worker before the first is inserted"


class Connected(Properties):
    """How to reach the database."""

    database: ClassVar[str]
    """The name of the driver."""
    login_options: ClassVar[tuple[str, ...]] = ()
    """Further properties that the driver reads, by their names in Python."""

    url: str = dynamic(doc="JDBC URL of the database")
    username: str | None = dynamic(None, doc="wins over the user of the URL")
    password: Secret | None = dynamic(None, doc="wins over the password of the URL")
    time_zone_id: str | None = dynamic(
        None, doc="time zone of timestamps that have none, such as `Europe/Paris`; without it, the worker's"
    )
    connection_pooling: bool = dynamic(default=True, ignored=_ONE_EACH)
    connection_pool_size: int = dynamic(10, ignored=_ONE_EACH)


class Queried(Connected):
    """What statements are run, and what becomes of their rows."""

    sql: str = dynamic(doc="the SQL")
    after_sql: str | None = dynamic(
        None,
        alias="afterSQL",
        doc="a statement that runs in the same transaction, after the rows have been read",
    )
    fetch_type: Literal["STORE", "FETCH", "FETCH_ONE", "NONE"] = dynamic(
        "NONE",
        doc="STORE writes the rows into a file of internal storage, FETCH gives them as outputs, FETCH_ONE only the first",
    )
    store: bool = static(default=False, doc=_OLD_FETCH.format("STORE"))
    fetch_one: bool = static(default=False, doc=_OLD_FETCH.format("FETCH_ONE"))
    fetch: bool = static(default=False, doc=_OLD_FETCH.format("FETCH"))
    fetch_size: int = dynamic(10_000, doc="rows that are read from the database at once", ge=1)
    parameters: dict[str, Any] = dynamic({}, doc="values for `:name` in the SQL")

    @property
    def fetching(self) -> Literal["STORE", "FETCH", "FETCH_ONE", "NONE"]:
        """The older properties win."""
        if self.store:
            return "STORE"
        if self.fetch_one:
            return "FETCH_ONE"
        return "FETCH" if self.fetch else self.fetch_type


class ManyStatements(Queried):
    """Runs statements one after the other."""

    transaction: bool = dynamic(
        default=True, doc="true: all in one transaction, which an error rolls back; false: each is committed"
    )


class Inserted(Connected):
    """Inserts the rows of a file, many at once."""

    from_: str = dynamic(doc="URI of a file of rows", alias="from")
    sql: str | None = dynamic(None, doc="an INSERT with a `?` for each value")
    table: str | None = dynamic(None, doc="without `sql`: the table whose columns are filled")
    columns: list[str] = dynamic(
        [], doc="keys of the rows, in the order of the values; a missing one is null"
    )
    chunk: int = dynamic(1000, doc="rows that are inserted and committed at once", ge=1)
    max_retries: int = dynamic(3, doc="with `retryScope: ALL`: tries after a broken connection", ge=0)
    retry_backoff: Duration = dynamic(
        "PT1S", doc="wait before the first retry; it doubles", validate_default=True
    )
    retry_scope: Literal["NONE", "INPUT", "ALL"] = dynamic(
        "INPUT",
        doc="ALL also retries after a broken connection; a chunk whose commit got no answer may come twice",
    )
    resume_on_retry: bool = dynamic(default=True, doc="a retry begins after the last committed chunk")
    input_handling: Literal["AUTO", "STREAM", "LOCAL"] = dynamic("AUTO", ignored=_LOCAL_INPUT)
    local_buffer_max_bytes: int = dynamic(100 * 1024 * 1024, ignored=_LOCAL_INPUT)


class QueryOutputs(BaseModel):
    row: dict[str, Any] | None = None
    """With FETCH_ONE."""
    rows: list[dict[str, Any]] | None = None
    """With FETCH."""
    uri: str | None = None
    """With STORE: a file of rows, in Ion."""
    size: int | None = None
    """Number of rows."""


class QueriesOutputs(BaseModel):
    outputs: list[QueryOutputs]
    """One for each statement that gave rows."""


class FileOutputs(BaseModel):
    outputFiles: dict[str, str] = Field(default={})  # noqa: N815 - the name in flows
    """URIs of the files that the SQL wrote, by name."""
    databaseUri: str | None = None  # noqa: N815
    """With `outputDbFile`: the database."""


class FileQueryOutputs(QueryOutputs, FileOutputs):
    """Of databases that are files."""


class FileQueriesOutputs(QueriesOutputs, FileOutputs):
    """Of databases that are files."""


class InsertOutputs(BaseModel):
    rowCount: int  # noqa: N815
    """Rows of the file."""
    updatedCount: int  # noqa: N815
    """Rows that the database says were changed."""
