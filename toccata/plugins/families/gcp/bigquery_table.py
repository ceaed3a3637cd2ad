"""``gcp.bigquery.*``: datasets, tables and their partitions."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from toccata.plugin import Duration, Properties, TypeGroup, dynamic
from toccata.plugins.families.gcp.bigquery import RUN, BigQuery, Create, Write
from toccata.plugins.families.gcp.gcs import SIGN_IN


class Encryption(Properties):
    kms_key_name: str | None = dynamic(None, doc="name of the key")


class Entity(Properties):
    type: Literal["DOMAIN", "GROUP", "USER", "IAM_MEMBER"] = dynamic(doc="what it is")
    value: str = dynamic(doc="its name")


class AccessControl(Properties):
    entity: Entity = dynamic(doc="who")
    role: Literal["READER", "WRITER", "OWNER"] = dynamic(doc="what they may do")


class OfDataset(BigQuery):
    name: str = dynamic(doc="name of the dataset")
    acl: list[AccessControl] | None = dynamic(None, doc="who may do what with it")
    default_table_lifetime: int | None = dynamic(None, doc="milliseconds after which its tables go away")
    default_partition_expiration_ms: int | None = dynamic(
        None, doc="milliseconds after which parts of its tables go away"
    )
    description: str | None = dynamic(None, doc="what it is for")
    friendly_name: str | None = dynamic(None, doc="its name for people")
    default_encryption_configuration: Encryption | None = dynamic(None, doc="key of its tables")
    labels: dict[str, str] | None = dynamic(None, doc="its labels")


class CreateDataset(OfDataset):
    """Creates a dataset."""

    if_exists: Literal["ERROR", "UPDATE", "SKIP"] = dynamic(
        "ERROR", doc="what to do if there is one: fail, change it, or leave it as it is"
    )


class UpdateDataset(OfDataset):
    """Changes a dataset. What is not given stays."""


class DeleteDataset(BigQuery):
    """Deletes a dataset."""

    name: str = dynamic(doc="name of the dataset")
    delete_contents: bool = dynamic(
        default=False, doc="also delete its tables; without this it must be empty"
    )


class OfTable(BigQuery):
    dataset: str = dynamic(doc="its dataset")
    table: str = dynamic(doc="its name")


class Schema(Properties):
    fields: list[dict[str, Any]] = dynamic(
        doc="columns, each with `name`, `type`, and where wanted `mode`, `description`, `fields`"
    )


class TimePartitioning(Properties):
    type: Literal["DAY", "HOUR", "MONTH", "YEAR"] = dynamic("DAY", doc="length of the parts")
    field: str | None = dynamic(None, doc="column of times; default: when a row came")
    expiration: Duration | None = dynamic(None, doc="after which a part goes away")
    require_partition_filter: bool | None = dynamic(None, doc="queries must say which parts they want")


class RangePartitioning(Properties):
    field: str = dynamic(doc="column of numbers")
    range: dict[str, int] = dynamic(doc="`start`, `end` and `interval`")


class StandardTable(Properties):
    clustering: list[str] | None = dynamic(None, doc="columns by which it is clustered")
    time_partitioning: TimePartitioning | None = dynamic(None, doc="parts by time")
    range_partitioning: RangePartitioning | None = dynamic(None, doc="parts by numbers")


class View(Properties):
    query: str = dynamic(doc="the statement")


class MaterializedView(View):
    enable_refresh: bool | None = dynamic(None, doc="keep it up to date")
    refresh_interval: Duration | None = dynamic(None, doc="how often")


class ExternalTable(Properties):
    source_uris: list[str] = dynamic(doc="files, as gs://bucket/path")
    format_type: str = dynamic(doc="`CSV`, `JSON`, `AVRO`, `PARQUET`, `ORC`, `GOOGLE_SHEETS` or `BIGTABLE`")
    autodetect: bool | None = dynamic(None, doc="find names and types of columns in the files")
    compression: str | None = dynamic(None, doc="`GZIP` or `NONE`")
    ignore_unknown_values: bool | None = dynamic(None, doc="leave out values that have no column")
    max_bad_records: int | None = dynamic(None, doc="rows that may be bad")


class TableDefinition(Properties):
    type: Literal["TABLE", "VIEW", "MATERIALIZED_VIEW", "EXTERNAL"] = dynamic("TABLE", doc="what it is")
    schema_: Schema | None = dynamic(None, alias="schema", doc="its columns")
    standard_table_definition: StandardTable | None = dynamic(None, doc="with TABLE")
    view_definition: View | None = dynamic(None, doc="with VIEW")
    materialized_view_definition: MaterializedView | None = dynamic(None, doc="with MATERIALIZED_VIEW")
    external_table_definition: ExternalTable | None = dynamic(None, doc="with EXTERNAL")


class Described(OfTable):
    table_definition: TableDefinition | None = dynamic(None, doc="what it is made of")
    friendly_name: str | None = dynamic(None, doc="its name for people")
    description: str | None = dynamic(None, doc="what it is for")
    labels: dict[str, str] | None = dynamic(None, doc="its labels")
    require_partition_filter: bool | None = dynamic(None, doc="queries must say which parts they want")
    encryption_configuration: Encryption | None = dynamic(None, doc="key of the table")
    expiration_duration: Duration | None = dynamic(None, doc="after which the table goes away")


class CreateTable(Described):
    """Creates a table or a view."""


class UpdateTable(Described):
    """Changes a table. What is not given stays."""


class DeleteTable(OfTable):
    """Deletes a table or a view."""


class TableMetadata(OfTable):
    """Says what a table is like."""

    if_not_exists: Literal["ERROR", "SKIP"] = dynamic(
        "ERROR", doc="what to do if there is none: fail, or give nothing"
    )


class OfPartitions(OfTable):
    partition_type: Literal["DAY", "HOUR", "MONTH", "YEAR", "RANGE"] = dynamic(doc="what the parts are")
    from_: str = dynamic(alias="from", doc="the first: a time in ISO 8601, or a number")
    to: str = dynamic(doc="the last: a time in ISO 8601, or a number")


class DeletePartitions(OfPartitions):
    """Deletes parts of a table."""


class CopyPartitions(OfPartitions):
    """Copies parts of a table into another."""

    destination_table: str = dynamic(doc="where they go: a table, as project.dataset.table or dataset.table")
    write_disposition: Write | None = dynamic(None, doc="what becomes of rows that are there")
    create_disposition: Create | None = dynamic(None, doc="whether the table is made")
    job_timeout: Duration | None = dynamic(None, doc="after this time BigQuery stops the job")
    labels: dict[str, str] | None = dynamic(None, doc="labels of the job")
    dry_run: bool = dynamic(default=False, doc="only check the job, and run nothing")
    skip_empty: bool = dynamic(default=False, doc="do nothing if there are no such parts; without this, fail")


class DatasetOutputs(BaseModel):
    dataset: str
    project: str | None = None
    friendlyName: str | None = None  # noqa: N815 - the name in flows
    description: str | None = None
    location: str | None = None


class TableOutputs(BaseModel):
    projectId: str | None = None  # noqa: N815
    datasetId: str | None = None  # noqa: N815
    table: str | None = None


class MetadataOutputs(TableOutputs):
    etag: str | None = None
    generatedId: str | None = None  # noqa: N815
    selfLink: str | None = None  # noqa: N815
    friendlyName: str | None = None  # noqa: N815
    description: str | None = None
    creationTime: str | None = None  # noqa: N815
    expirationTime: str | None = None  # noqa: N815
    lastModifiedTime: str | None = None  # noqa: N815
    numBytes: int | None = None  # noqa: N815
    numLongTermBytes: int | None = None  # noqa: N815
    numRows: int | None = None  # noqa: N815
    definition: dict[str, Any] | None = None
    """type, schema, and what belongs to the type"""
    encryptionConfiguration: dict[str, Any] | None = None  # noqa: N815
    labels: dict[str, str] | None = None
    requirePartitionFilter: bool | None = None  # noqa: N815


class PartitionOutputs(TableOutputs):
    partitions: list[str]
    jobId: str | None = None  # noqa: N815


_GROUP = TypeGroup(
    prefix="io.kestra.plugin.gcp.bigquery",
    run=f"{RUN}.bigquery_table",
    extra="toccata[gcp]",
    kind="heavy",
    head=SIGN_IN,
)
_NAMED = "dataset: shop\ntable: orders\n"
CREATE_DATASET = _GROUP.type(
    "CreateDataset",
    "Create a dataset of Google BigQuery",
    CreateDataset,
    DatasetOutputs,
    "name: shop\nlocation: EU\nifExists: SKIP",
)
UPDATE_DATASET = _GROUP.type(
    "UpdateDataset",
    "Change a dataset of Google BigQuery",
    UpdateDataset,
    DatasetOutputs,
    "name: shop\ndescription: orders and customers",
)
DELETE_DATASET = _GROUP.type(
    "DeleteDataset",
    "Delete a dataset of Google BigQuery",
    DeleteDataset,
    DatasetOutputs,
    "name: shop\ndeleteContents: true",
)
CREATE_TABLE = _GROUP.type(
    "CreateTable",
    "Create a table of Google BigQuery",
    CreateTable,
    MetadataOutputs,
    _NAMED
    + "tableDefinition:\n  type: TABLE\n  schema: {fields: [{name: id, type: INT64}, {name: town, type: STRING}]}",
)
UPDATE_TABLE = _GROUP.type(
    "UpdateTable",
    "Change a table of Google BigQuery",
    UpdateTable,
    MetadataOutputs,
    _NAMED + "description: orders of all shops",
)
DELETE_TABLE = _GROUP.type(
    "DeleteTable", "Delete a table of Google BigQuery", DeleteTable, TableOutputs, _NAMED
)
TABLE_METADATA = _GROUP.type(
    "TableMetadata", "See what a table of Google BigQuery is like", TableMetadata, MetadataOutputs, _NAMED
)
DELETE_PARTITIONS = _GROUP.type(
    "DeletePartitions",
    "Delete parts of a table of Google BigQuery",
    DeletePartitions,
    PartitionOutputs,
    _NAMED + "partitionType: DAY\nfrom: '2026-01-01T00:00:00'\nto: '2026-01-31T00:00:00'",
)
COPY_PARTITIONS = _GROUP.type(
    "CopyPartitions",
    "Copy parts of a table of Google BigQuery",
    CopyPartitions,
    PartitionOutputs,
    _NAMED
    + "partitionType: DAY\nfrom: '2026-01-01T00:00:00'\nto: '2026-01-31T00:00:00'\ndestinationTable: shop.january",
)
