"""``gcp.bigquery.*``: datasets, tables and partitions, as the service's API writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from google.api_core.exceptions import Conflict, NotFound
from google.cloud import bigquery

from toccata.plugin import Outputs, RunContext, TaskFailed
from toccata.plugins.families.gcp import bigquery_table as declared
from toccata.plugins.families.gcp.run.bigquery_client import Client, connected

_ENTITIES = {
    "DOMAIN": "domain",
    "GROUP": "groupByEmail",
    "USER": "userByEmail",
    "IAM_MEMBER": "iamMember",
}
_LENGTHS = {"YEAR": 4, "MONTH": 6, "DAY": 8, "HOUR": 10}
_STARTS = {4: "0101000000", 6: "01000000", 8: "000000", 10: "0000"}
"""The rest of the first moment of a part, by the length of its name."""
_FORMATS = {"JSON": "NEWLINE_DELIMITED_JSON"}


async def run_create_dataset(task: declared.CreateDataset, run: RunContext) -> Outputs:
    async with connected(task) as big:
        dataset = bigquery.Dataset.from_api_repr({**_reference(big, task.name), **_dataset(task)})

        def create() -> Any:
            try:
                return big.bigquery.create_dataset(dataset)
            except Conflict:
                return None

        made = await big.call(task.name, create)
        if made is not None:
            return _dataset_outputs(made)
        if task.if_exists == "ERROR":
            raise TaskFailed(f"Dataset {task.name} already exists and `ifExists` is ERROR")
        if task.if_exists == "UPDATE":
            return await _updated_dataset(big, task)
        run.log("INFO", f"Dataset {task.name} already exists: it is left as it is")
        return _dataset_outputs(await big.call(task.name, big.bigquery.get_dataset, dataset.reference))


async def run_update_dataset(task: declared.UpdateDataset, run: RunContext) -> Outputs:
    del run
    async with connected(task) as big:
        return await _updated_dataset(big, task)


async def _updated_dataset(big: Client, task: declared.OfDataset) -> Outputs:
    reference = _reference(big, task.name)
    wanted = {name: value for name, value in _dataset(task).items() if name != "location"}
    dataset = bigquery.Dataset.from_api_repr({**reference, **wanted})
    fields = [_NAMES[name] for name in wanted]
    return _dataset_outputs(await big.call(task.name, big.bigquery.update_dataset, dataset, fields))


_NAMES = {
    "access": "access_entries",
    "defaultTableExpirationMs": "default_table_expiration_ms",
    "defaultPartitionExpirationMs": "default_partition_expiration_ms",
    "description": "description",
    "friendlyName": "friendly_name",
    "defaultEncryptionConfiguration": "default_encryption_configuration",
    "labels": "labels",
}
"""The library names what is updated in its own words."""


def _dataset(task: declared.OfDataset) -> dict[str, Any]:
    lifetime, parts = task.default_table_lifetime, task.default_partition_expiration_ms
    key = task.default_encryption_configuration
    found = {
        "access": None if task.acl is None else [_access(each) for each in task.acl],
        "defaultTableExpirationMs": None if lifetime is None else str(lifetime),
        "defaultPartitionExpirationMs": None if parts is None else str(parts),
        "description": task.description,
        "friendlyName": task.friendly_name,
        "defaultEncryptionConfiguration": None if key is None else {"kmsKeyName": key.kms_key_name},
        "labels": task.labels,
        "location": task.location,
    }
    return {name: value for name, value in found.items() if value is not None}


def _access(control: declared.AccessControl) -> dict[str, str]:
    return {"role": control.role, _ENTITIES[control.entity.type]: control.entity.value}


def _reference(big: Client, name: str) -> dict[str, Any]:
    project, _, dataset = name.replace(":", ".").rpartition(".")
    return {"datasetReference": {"projectId": project or big.bigquery.project, "datasetId": dataset}}


def _dataset_outputs(dataset: Any) -> Outputs:
    return {
        "dataset": dataset.dataset_id,
        "project": dataset.project,
        "friendlyName": dataset.friendly_name,
        "description": dataset.description,
        "location": dataset.location,
    }


async def run_delete_dataset(task: declared.DeleteDataset, run: RunContext) -> Outputs:
    del run
    async with connected(task) as big:
        dataset = bigquery.Dataset.from_api_repr(_reference(big, task.name)).reference
        await big.call(
            task.name, lambda: big.bigquery.delete_dataset(dataset, delete_contents=task.delete_contents)
        )
    return {"dataset": dataset.dataset_id}


async def run_create_table(task: declared.CreateTable, run: RunContext) -> Outputs:
    del run
    async with connected(task) as big:
        table = bigquery.Table.from_api_repr({**_table_reference(big, task), **_table(task)})
        return _table_outputs(await big.call(_name(task), big.bigquery.create_table, table))


async def run_update_table(task: declared.UpdateTable, run: RunContext) -> Outputs:
    del run
    wanted = _table(task)
    async with connected(task) as big:
        reference = _table_reference(big, task)["tableReference"]
        path = "/projects/{projectId}/datasets/{datasetId}/tables/{tableId}".format(**reference)
        answer = await big.call(
            _name(task),
            lambda: big.bigquery._call_api(None, method="PATCH", path=path, data=wanted),  # noqa: SLF001 - its own update knows fewer fields
        )
    return _table_outputs(bigquery.Table.from_api_repr(answer))


async def run_delete_table(task: declared.DeleteTable, run: RunContext) -> Outputs:
    del run
    async with connected(task) as big:
        table = bigquery.Table.from_api_repr(_table_reference(big, task))
        await big.call(_name(task), big.bigquery.delete_table, table)
    return {"projectId": table.project, "datasetId": table.dataset_id, "table": table.table_id}


async def run_table_metadata(task: declared.TableMetadata, run: RunContext) -> Outputs:
    async with connected(task) as big:
        table = bigquery.Table.from_api_repr(_table_reference(big, task)).reference

        def read() -> Any:
            try:
                return big.bigquery.get_table(table)
            except NotFound:
                if task.if_not_exists == "SKIP":
                    return None
                raise

        found = await big.call(_name(task), read)
    if found is None:
        run.log("INFO", f"There is no table {_name(task)}")
        return {}
    return _table_outputs(found)


def _name(task: declared.OfTable) -> str:
    return f"{task.dataset}.{task.table}"


def _table_reference(big: Client, task: declared.OfTable) -> dict[str, Any]:
    of = _reference(big, task.dataset)["datasetReference"]
    return {"tableReference": {**of, "tableId": task.table}}


def _table(task: declared.Described) -> dict[str, Any]:
    key, lifetime = task.encryption_configuration, task.expiration_duration
    end = None if lifetime is None else int((datetime.now(UTC) + lifetime).timestamp() * 1000)
    found = {
        "friendlyName": task.friendly_name,
        "description": task.description,
        "labels": task.labels,
        "requirePartitionFilter": task.require_partition_filter,
        "encryptionConfiguration": None if key is None else {"kmsKeyName": key.kms_key_name},
        "expirationTime": None if end is None else str(end),
        **({} if task.table_definition is None else _definition(task.table_definition)),
    }
    return {name: value for name, value in found.items() if value is not None}


def _definition(given: declared.TableDefinition) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if given.schema_ is not None:
        found["schema"] = {"fields": given.schema_.fields}
    match given.type:
        case "TABLE":
            found |= _standard(given.standard_table_definition)
        case "VIEW" if given.view_definition is not None:
            found["view"] = {"query": given.view_definition.query, "useLegacySql": False}
        case "MATERIALIZED_VIEW" if given.materialized_view_definition is not None:
            found["materializedView"] = _materialized(given.materialized_view_definition)
        case "EXTERNAL" if given.external_table_definition is not None:
            found["externalDataConfiguration"] = _external(given.external_table_definition)
        case kind:
            name = {"VIEW": "view", "EXTERNAL": "externalTable"}.get(kind, "materializedView")
            raise TaskFailed(f"tableDefinition: {kind} needs `{name}Definition`")
    return found


def _standard(given: declared.StandardTable | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if given is None:
        return found
    if given.clustering:
        found["clustering"] = {"fields": given.clustering}
    parts = given.time_partitioning
    if parts is not None:
        limit = parts.expiration
        wanted = {
            "type": parts.type,
            "field": parts.field,
            "requirePartitionFilter": parts.require_partition_filter,
            "expirationMs": None if limit is None else str(int(limit.total_seconds() * 1000)),
        }
        found["timePartitioning"] = {name: value for name, value in wanted.items() if value is not None}
    if given.range_partitioning is not None:
        numbers = {name: str(value) for name, value in given.range_partitioning.range.items()}
        found["rangePartitioning"] = {"field": given.range_partitioning.field, "range": numbers}
    return found


def _materialized(given: declared.MaterializedView) -> dict[str, Any]:
    found: dict[str, Any] = {"query": given.query}
    if given.enable_refresh is not None:
        found["enableRefresh"] = given.enable_refresh
    if given.refresh_interval is not None:
        found["refreshIntervalMs"] = str(int(given.refresh_interval.total_seconds() * 1000))
    return found


def _external(given: declared.ExternalTable) -> dict[str, Any]:
    found = {
        "sourceUris": given.source_uris,
        "sourceFormat": _FORMATS.get(given.format_type, given.format_type),
        "autodetect": given.autodetect,
        "compression": given.compression,
        "ignoreUnknownValues": given.ignore_unknown_values,
        "maxBadRecords": given.max_bad_records,
    }
    return {name: value for name, value in found.items() if value is not None}


def _table_outputs(table: Any) -> Outputs:
    said = table.to_api_repr()
    definition = {
        name: said.get(name)
        for name in (
            *("type", "schema", "view", "materializedView", "externalDataConfiguration"),
            *("timePartitioning", "rangePartitioning", "clustering"),
        )
        if said.get(name) is not None
    }
    return {
        "projectId": table.project,
        "datasetId": table.dataset_id,
        "table": table.table_id,
        "etag": table.etag,
        "generatedId": said.get("id"),
        "selfLink": table.self_link,
        "friendlyName": table.friendly_name,
        "description": table.description,
        "creationTime": _text(table.created),
        "expirationTime": _text(table.expires),
        "lastModifiedTime": _text(table.modified),
        "numBytes": table.num_bytes,
        "numLongTermBytes": None if said.get("numLongTermBytes") is None else int(said["numLongTermBytes"]),
        "numRows": table.num_rows,
        "definition": definition,
        "encryptionConfiguration": said.get("encryptionConfiguration"),
        "labels": dict(table.labels) or None,
        "requirePartitionFilter": said.get("requirePartitionFilter"),
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


async def run_delete_partitions(task: declared.DeletePartitions, run: RunContext) -> Outputs:
    async with connected(task) as big:
        found = await _chosen(big, run, task)
        reference = _table_reference(big, task)["tableReference"]
        for each in found:
            part = bigquery.Table.from_api_repr(
                {"tableReference": {**reference, "tableId": f"{task.table}${each}"}}
            )
            await big.call(f"{_name(task)}${each}", big.bigquery.delete_table, part)
    run.metric("counter", "size", len(found))
    return _partition_outputs(reference, found)


async def run_copy_partitions(task: declared.CopyPartitions, run: RunContext) -> Outputs:
    async with connected(task) as big:
        found = await _chosen(big, run, task)
        reference = _table_reference(big, task)["tableReference"]
        if not found:
            if task.skip_empty:
                return _partition_outputs(reference, found)
            raise TaskFailed(f"{_name(task)}: there are no such parts to copy")
        whole = "{projectId}.{datasetId}.{tableId}".format(**reference)
        target = big.table(task.destination_table, "destinationTable")
        config: Any = bigquery.CopyJobConfig.from_api_repr(_copying(task))
        job = await big.job(
            run,
            task.destination_table,
            lambda: big.bigquery.copy_table([f"{whole}${each}" for each in found], target, job_config=config),
            is_dry=task.dry_run,
        )
    run.metric("counter", "size", len(found))
    return {**_partition_outputs(reference, found), "jobId": job.job_id}


def _copying(task: declared.CopyPartitions) -> dict[str, Any]:
    copy = {"writeDisposition": task.write_disposition, "createDisposition": task.create_disposition}
    found: dict[str, Any] = {"copy": {name: value for name, value in copy.items() if value is not None}}
    if task.labels is not None:
        found["labels"] = task.labels
    if task.dry_run:
        found["dryRun"] = True
    if task.job_timeout is not None:
        found["jobTimeoutMs"] = str(int(task.job_timeout.total_seconds() * 1000))
    return found


async def _chosen(big: Client, run: RunContext, task: declared.OfPartitions) -> list[str]:
    first, last = _bounds(task)
    reference = _table_reference(big, task)["tableReference"]
    config = bigquery.QueryJobConfig(
        query_parameters=[bigquery.ScalarQueryParameter("name", "STRING", task.table)]
    )
    place = "{projectId}.{datasetId}".format(**reference)
    sql = f"SELECT partition_id FROM `{place}.INFORMATION_SCHEMA.PARTITIONS` WHERE table_name = @name"  # noqa: S608 - no value comes into it
    job = await big.job(run, _name(task), lambda: big.bigquery.query(sql, config, job_retry=None))
    rows = await big.call(_name(task), lambda: [str(each[0]) for each in job.result()])
    numbered = sorted((int(each), each) for each in rows if re.fullmatch(r"-?\d+", each))
    return [text for number, text in numbered if first <= number <= last]


def _bounds(task: declared.OfPartitions) -> tuple[int, int]:
    """Of those numbers that are the names of parts. A part that began before ``from`` is not among them."""
    return _bound(task, task.from_, "from", is_first=True), _bound(task, task.to, "to", is_first=False)


def _bound(task: declared.OfPartitions, text: str, what: str, *, is_first: bool) -> int:
    try:
        if task.partition_type == "RANGE":
            return int(text)
        moment = datetime.fromisoformat(text)
    except ValueError:
        kind = "a number" if task.partition_type == "RANGE" else "a time as 2026-01-31T12:00:00"
        raise TaskFailed(f"{what}: `{text}` must be {kind}") from None
    number = moment.strftime("%Y%m%d%H%M%S")
    length = _LENGTHS[task.partition_type]
    is_begun = number[length:] != _STARTS[length]
    return int(number[:length]) + (is_first and is_begun)


def _partition_outputs(reference: dict[str, str], found: list[str]) -> dict[str, Any]:
    return {
        "projectId": reference["projectId"],
        "datasetId": reference["datasetId"],
        "table": reference["tableId"],
        "partitions": found,
    }
