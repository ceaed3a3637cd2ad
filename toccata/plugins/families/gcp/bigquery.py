"""``gcp.bigquery.*``: jobs — queries, loads, copies, extracts."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from toccata.plugin import (
    Duration,
    FetchType,
    PolledProperties,
    Properties,
    TypeGroup,
    dynamic,
    static,
)
from toccata.plugins.families.gcp.gcs import SIGN_IN, Google

RUN = "toccata.plugins.families.gcp.run"
_TABLE = "table, as project.dataset.table or dataset.table"
_OLD = "old form of `fetchType: {}`"
_REASONS = ["rateLimitExceeded", "jobBackendError", "backendError", "internalError", "jobInternalError"]
_MESSAGES = [
    "due to concurrent update",
    "Retrying the job may solve the problem",
    "Retrying may solve the problem",
]
Write = Literal["WRITE_TRUNCATE", "WRITE_APPEND", "WRITE_EMPTY", "WRITE_TRUNCATE_DATA"]
Create = Literal["CREATE_IF_NEEDED", "CREATE_NEVER"]
Schedule = Literal["DAY", "HOUR", "MONTH", "YEAR"]


class RetryAuto(Properties):
    """How a job that failed is tried again."""

    type: Literal["constant", "exponential", "random"] = dynamic("exponential", doc="how waits grow")
    interval: Duration = dynamic("PT5S", doc="the first wait", validate_default=True)
    max_interval: Duration = dynamic("PT60M", doc="the longest wait", validate_default=True)
    delay_factor: float = dynamic(2.0, doc="by what a wait grows", ge=1)
    max_attempts: int = dynamic(10, doc="most tries", ge=1, validation_alias="maxAttempts")
    max_duration: Duration = dynamic("PT15M", doc="for how long", validate_default=True)


class BigQuery(Google):
    location: str | None = dynamic(None, doc="location of jobs and datasets, such as `EU`")
    retry_auto: RetryAuto | None = dynamic(None, doc="how a job is tried again")
    retry_reasons: list[str] = dynamic(_REASONS, doc="reasons after which a job is tried again")
    retry_messages: list[str] = dynamic(_MESSAGES, doc="parts of messages after which a job is tried again")


class JobOptions(BigQuery):
    job_timeout: Duration | None = dynamic(None, doc="after this time BigQuery stops the job")
    labels: dict[str, str] | None = dynamic(None, doc="labels of the job")
    dry_run: bool = dynamic(default=False, doc="only check the job, and run nothing")


class Query(JobOptions):
    """Runs a statement, or several with semicolons between them, and waits for the end. A kill cancels the job."""

    sql: str = dynamic(doc="the statement")
    fetch_type: FetchType = dynamic(
        "NONE",
        doc="STORE writes the rows into a file of internal storage, FETCH gives them as outputs, FETCH_ONE only the first",
    )
    fetch: bool = static(default=False, doc=_OLD.format("FETCH"))
    store: bool = static(default=False, doc=_OLD.format("STORE"))
    fetch_one: bool = static(default=False, doc=_OLD.format("FETCH_ONE"))
    destination_table: str | None = dynamic(None, doc=f"where rows go: a {_TABLE}")
    write_disposition: Write | None = dynamic(None, doc="what becomes of rows that are there")
    create_disposition: Create | None = dynamic(None, doc="whether the table is made")
    clustering_fields: list[str] | None = dynamic(None, doc="columns by which the table is clustered")
    schema_update_options: list[str] | None = dynamic(None, doc="how the columns of the table may change")
    time_partitioning_field: str | None = dynamic(None, doc="column of times by which the table is parted")
    time_partitioning_type: Schedule = dynamic("DAY", doc="length of the parts")
    range_partitioning_field: str | None = dynamic(None, doc="column of numbers by which the table is parted")
    range_partitioning_start: int | None = dynamic(None, doc="first number")
    range_partitioning_end: int | None = dynamic(None, doc="the number after the last one")
    range_partitioning_interval: int | None = dynamic(None, doc="numbers in a part")
    default_dataset: str | None = dynamic(None, doc="dataset of tables that are named without one")
    priority: Literal["INTERACTIVE", "BATCH"] = dynamic("INTERACTIVE", doc="BATCH waits for idle machines")
    allow_large_results: bool | None = dynamic(None, doc="allow large results, with `legacySql`")
    use_query_cache: bool | None = dynamic(None, doc="take results of the same query from before")
    flatten_results: bool = dynamic(default=True, doc="flatten nested columns, with `legacySql`")
    legacy_sql: bool = dynamic(default=False, doc="the statement is in BigQuery's old dialect")
    use_legacy_sql: bool = dynamic(default=False, doc="the same as `legacySql`")
    maximum_billing_tier: int | None = dynamic(None, doc="most expensive tier")
    maximum_bytes_billed: int | None = dynamic(None, doc="most bytes that may be billed")
    max_results: int | None = dynamic(None, doc="rows that are fetched at once", ge=1)

    @property
    def fetching(self) -> FetchType:
        old: dict[FetchType, bool] = {"STORE": self.store, "FETCH_ONE": self.fetch_one, "FETCH": self.fetch}
        return next((kind for kind, is_on in old.items() if is_on), self.fetch_type)


class Trigger(Query, PolledProperties):
    """Runs a query again and again, and starts an execution if it gives rows. `fetchType` says where they go, and NONE is refused."""


class CsvOptions(Properties):
    allow_jagged_rows: bool | None = dynamic(None, doc="columns may be missing at the end of a row")
    allow_quoted_new_lines: bool | None = dynamic(None, doc="values in quotes may have line breaks")
    encoding: str | None = dynamic(None, doc="`UTF-8` or `ISO-8859-1`")
    field_delimiter: str | None = dynamic(None, doc="what stands between values; default: a comma")
    quote: str | None = dynamic(None, doc="what stands around values; default: a double quote")
    skip_leading_rows: int | None = dynamic(None, doc="rows at the top that are left out", ge=0)


class AvroOptions(Properties):
    use_avro_logical_types: bool | None = dynamic(
        None, doc="read logical types as such, and not their raw types"
    )


class Loading(BigQuery):
    destination_table: str = dynamic(doc=f"where rows go: a {_TABLE}")
    format: Literal["CSV", "JSON", "AVRO", "PARQUET", "ORC"] | None = dynamic(
        None, doc="form of the files; JSON has an object a line"
    )
    csv_options: CsvOptions | None = dynamic(None, doc="how CSV is written")
    avro_options: AvroOptions | None = dynamic(None, doc="how Avro is read")
    clustering_fields: list[str] | None = dynamic(None, doc="columns by which the table is clustered")
    schema_update_options: list[str] | None = dynamic(None, doc="how the columns of the table may change")
    time_partitioning_field: str | None = dynamic(None, doc="column of times by which the table is parted")
    time_partitioning_type: Schedule = dynamic("DAY", doc="length of the parts")
    write_disposition: Write | None = dynamic(None, doc="what becomes of rows that are there")
    create_disposition: Create | None = dynamic(None, doc="whether the table is made")
    autodetect: bool | None = dynamic(None, doc="find names and types of columns in the files")
    ignore_unknown_values: bool | None = dynamic(None, doc="leave out values that have no column")
    max_bad_records: int | None = dynamic(None, doc="rows that may be bad", ge=0)
    schema_: dict[str, Any] | None = dynamic(
        None,
        alias="schema",
        doc="columns: `fields`, a list with `name`, `type`, and where wanted `mode`, `fields`",
    )


class Load(Loading):
    """Loads a file of internal storage into a table."""

    from_: str = dynamic(alias="from", doc="URI of the file")
    failed_on_empty: bool = dynamic(default=True, doc="fail if the file is empty")


class LoadFromGcs(Loading):
    """Loads objects of Google Cloud Storage into a table."""

    from_: list[str] = dynamic(
        alias="from", doc="objects, as gs://bucket/path, where `*` stands for any text"
    )


class ExtractToGcs(BigQuery):
    """Writes a table into objects of Google Cloud Storage."""

    source_table: str = dynamic(doc=f"the {_TABLE}")
    destination_uris: list[str] = dynamic(doc="objects, as gs://bucket/path; with `*` there may be several")
    format: str | None = dynamic(None, doc="`CSV`, `NEWLINE_DELIMITED_JSON`, `AVRO` or `PARQUET`")
    compression: str | None = dynamic(None, doc="`GZIP`, `DEFLATE`, `SNAPPY`, `ZSTD` or `NONE`")
    field_delimiter: str | None = dynamic(None, doc="what stands between values of CSV")
    print_header: bool | None = dynamic(None, doc="begin CSV with the names")
    use_avro_logical_types: bool | None = dynamic(None, doc="write logical types")
    job_timeout_ms: int | None = dynamic(None, doc="after this time, in milliseconds, BigQuery stops the job")
    labels: dict[str, str] | None = dynamic(None, doc="labels of the job")


class Copy(JobOptions):
    """Copies tables into one."""

    source_tables: list[str] = dynamic(doc=f"what is copied, each a {_TABLE}", min_length=1)
    destination_table: str = dynamic(doc=f"where it goes: a {_TABLE}")
    write_disposition: Write | None = dynamic(None, doc="what becomes of rows that are there")
    create_disposition: Create | None = dynamic(None, doc="whether the table is made")
    operation_type: Literal["COPY", "SNAPSHOT", "RESTORE", "CLONE"] | None = dynamic(
        None, doc="what is made of the table"
    )


class JobOutputs(BaseModel):
    jobId: str | None = None  # noqa: N815 - the name in flows


class QueryOutputs(JobOutputs):
    rows: list[dict[str, Any]] | None = None
    row: dict[str, Any] | None = None
    uri: str | None = None
    """With STORE: a file with a row a line."""
    size: int | None = None
    destinationTable: dict[str, str] | None = None  # noqa: N815
    """project, dataset, table"""


class LoadOutputs(JobOutputs):
    destinationTable: str  # noqa: N815
    rows: int | None = None


class ExtractOutputs(JobOutputs):
    sourceTable: str  # noqa: N815
    destinationUris: list[str]  # noqa: N815
    fileCounts: list[int] | None = None  # noqa: N815


GROUP = TypeGroup(
    prefix="io.kestra.plugin.gcp.bigquery",
    run=f"{RUN}.bigquery",
    extra="toccata[gcp]",
    kind="heavy",
    head=SIGN_IN,
)
QUERY = GROUP.type(
    "Query",
    "Query Google BigQuery",
    Query,
    QueryOutputs,
    "sql: SELECT town, count(*) AS trips FROM trips.taxi GROUP BY town ORDER BY town\nfetchType: FETCH",
)
LOAD = GROUP.type(
    "Load",
    "Load a file into Google BigQuery",
    Load,
    LoadOutputs,
    'from: "{{ inputs.file }}"\ndestinationTable: trips.taxi\nformat: CSV\ncsvOptions: {skipLeadingRows: 1}\nautodetect: true',
)
LOAD_FROM_GCS = GROUP.type(
    "LoadFromGcs",
    "Load objects of Google Cloud Storage into Google BigQuery",
    LoadFromGcs,
    LoadOutputs,
    "from: [gs://trips/raw/new.csv]\ndestinationTable: trips.taxi\nformat: CSV\ncsvOptions: {skipLeadingRows: 1}\nautodetect: true",
)
EXTRACT_TO_GCS = GROUP.type(
    "ExtractToGcs",
    "Write a table of Google BigQuery into Google Cloud Storage",
    ExtractToGcs,
    ExtractOutputs,
    "sourceTable: trips.taxi\ndestinationUris: [gs://trips/taxi.csv]\nformat: CSV",
)
COPY = GROUP.type(
    "Copy",
    "Copy tables of Google BigQuery",
    Copy,
    JobOutputs,
    "sourceTables: [trips.taxi]\ndestinationTable: trips.archive\nwriteDisposition: WRITE_TRUNCATE",
)
_SQL = "sql: SELECT town FROM trips.taxi WHERE trips > 1\n"
TRIGGER = GROUP.trigger(
    "Trigger",
    "Start executions by rows of Google BigQuery",
    Trigger,
    QueryOutputs,
    ("rows", f"{_SQL}fetchType: FETCH\ninterval: PT5M"),
    function=f"{RUN}.bigquery:poll",
)
