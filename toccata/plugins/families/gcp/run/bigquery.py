"""``gcp.bigquery.*``: properties to jobs, and jobs to outputs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import time
from typing import Any

from google.cloud import bigquery

from toccata.plugin import Outputs, RunContext, TaskFailed, TriggerEvent, fetched, given_rows
from toccata.plugins.families.gcp import bigquery as declared
from toccata.plugins.families.gcp.run.bigquery_client import Client, connected

_FORMATS = {"JSON": "NEWLINE_DELIMITED_JSON"}
_METRICS = {
    "estimated_bytes_processed": "estimated.bytes.processed",
    "num_dml_affected_rows": "num.dml.affected.rows",
    "total_bytes_billed": "total.bytes.billed",
    "total_bytes_processed": "total.bytes.processed",
    "slot_millis": "total.slot.ms",
    "num_child_jobs": "num.child.jobs",
    "cache_hit": "cache.hit",
    "output_rows": "output.rows",
    "output_bytes": "output.bytes",
    "input_file_bytes": "input.bytes",
    "input_files": "input.files",
}


async def run_query(task: declared.Query, run: RunContext) -> Outputs:
    async with connected(task) as big:
        config: Any = bigquery.QueryJobConfig.from_api_repr(_given(_query(task, big)))
        job = await big.job(
            run, "query", lambda: big.bigquery.query(task.sql, config, job_retry=None), is_dry=task.dry_run
        )
        _measure(run, job)
        outputs = {"jobId": job.job_id, **_destination(job)}
        if task.dry_run or task.fetching == "NONE":
            return outputs
        rows = await given_rows(run, task.fetching, _pages(big, task, job))
        run.metric("counter", "fetch.rows", rows["size"])
        return {**outputs, **rows}


async def poll(trigger: declared.Trigger, run: RunContext) -> Sequence[TriggerEvent]:
    if trigger.fetching == "NONE":
        raise TaskFailed("fetchType: a trigger needs the rows: STORE, FETCH or FETCH_ONE")
    found = await run_query(trigger, run)
    return [TriggerEvent(variables=dict(found))] if found.get("size") else []


def _query(task: declared.Query, big: Client) -> dict[str, Any]:
    legacy = task.legacy_sql or task.use_legacy_sql
    query: dict[str, Any] = {
        "useLegacySql": legacy,
        "priority": task.priority,
        "useQueryCache": task.use_query_cache,
        "maximumBillingTier": task.maximum_billing_tier,
        "maximumBytesBilled": None if task.maximum_bytes_billed is None else str(task.maximum_bytes_billed),
        "writeDisposition": task.write_disposition,
        "createDisposition": task.create_disposition,
        "schemaUpdateOptions": task.schema_update_options,
        **_parts(task),
    }
    if legacy:
        query |= {"allowLargeResults": task.allow_large_results, "flattenResults": task.flatten_results}
    if task.range_partitioning_field is not None:
        bounds = {
            "start": task.range_partitioning_start,
            "end": task.range_partitioning_end,
            "interval": task.range_partitioning_interval,
        }
        if None in bounds.values():
            raise TaskFailed(
                "rangePartitioningField: rangePartitioningStart, rangePartitioningEnd and rangePartitioningInterval are needed, too"
            )
        query["rangePartitioning"] = {
            "field": task.range_partitioning_field,
            "range": {name: str(value) for name, value in bounds.items()},
        }
    if task.destination_table is not None:
        query["destinationTable"] = _reference(big.table(task.destination_table, "destinationTable"))
    if task.default_dataset is not None:
        project, _, dataset = task.default_dataset.rpartition(".")
        query["defaultDataset"] = {"projectId": project or big.bigquery.project, "datasetId": dataset}
    return {**_job(task), "query": _given(query)}


def _parts(task: declared.Query | declared.Loading) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if task.time_partitioning_field is not None:
        found["timePartitioning"] = {
            "type": task.time_partitioning_type,
            "field": task.time_partitioning_field,
        }
    if task.clustering_fields:
        found["clustering"] = {"fields": task.clustering_fields}
    return found


def _job(task: declared.JobOptions) -> dict[str, Any]:
    limit = task.job_timeout
    return {
        "labels": task.labels,
        "dryRun": task.dry_run or None,
        "jobTimeoutMs": None if limit is None else str(int(limit.total_seconds() * 1000)),
    }


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _reference(table: str) -> dict[str, str]:
    project, dataset, name = table.split(".")
    return {"projectId": project, "datasetId": dataset, "tableId": name}


def _destination(job: Any) -> dict[str, Any]:
    table = job.destination
    if table is None:
        return {}
    return {
        "destinationTable": {"project": table.project, "dataset": table.dataset_id, "table": table.table_id}
    }


async def _pages(big: Client, task: declared.Query, job: Any) -> AsyncIterator[list[dict[str, Any]]]:
    pages = iter((await big.call("query", lambda: job.result(page_size=task.max_results))).pages)
    while (page := await big.call("query", lambda: next(pages, None))) is not None:
        yield [_row(each) for each in page]


def _row(row: Any) -> dict[str, Any]:
    return {name: _cell(value) for name, value in row.items()}


def _cell(value: Any) -> Any:
    """The library has types of its own for some."""
    if isinstance(value, dict):
        return {name: _cell(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_cell(each) for each in value]
    return value.isoformat() if isinstance(value, time) else value


def _measure(run: RunContext, job: Any) -> None:
    for theirs, ours in _METRICS.items():
        value = getattr(job, theirs, None)
        if value is not None:
            run.metric("counter", ours, int(value))
    if job.started is not None and job.ended is not None:
        run.metric("timer", "duration", (job.ended - job.started).total_seconds())


async def run_load(task: declared.Load, run: RunContext) -> Outputs:
    path = await fetched(run, task.from_)
    if not path.stat().st_size:
        if task.failed_on_empty:
            raise TaskFailed(f"Can't load an empty file, this one {task.from_} is empty")
        run.log("INFO", f"{task.from_} is empty: nothing is loaded")
        return {}
    async with connected(task) as big:
        target = big.table(task.destination_table, "destinationTable")
        config: Any = bigquery.LoadJobConfig.from_api_repr(_load(task))

        def start() -> Any:
            with path.open("rb") as file:
                return big.bigquery.load_table_from_file(file, target, job_config=config)

        return _loaded(run, await big.job(run, task.destination_table, start), target)


async def run_load_from_gcs(task: declared.LoadFromGcs, run: RunContext) -> Outputs:
    async with connected(task) as big:
        target = big.table(task.destination_table, "destinationTable")
        config: Any = bigquery.LoadJobConfig.from_api_repr(_load(task))
        job = await big.job(
            run,
            task.destination_table,
            lambda: big.bigquery.load_table_from_uri(task.from_, target, job_config=config),
        )
        return _loaded(run, job, target)


def _load(task: declared.Loading) -> dict[str, Any]:
    if task.format is None:
        raise TaskFailed("format: is needed: CSV, JSON, AVRO, PARQUET or ORC")
    csv = task.csv_options if task.format == "CSV" else None
    if task.schema_ is not None and "fields" not in task.schema_:
        raise TaskFailed("schema: must have `fields`, a list of columns")
    load = {
        "sourceFormat": _FORMATS.get(task.format, task.format),
        "writeDisposition": task.write_disposition,
        "createDisposition": task.create_disposition,
        "schemaUpdateOptions": task.schema_update_options,
        "autodetect": task.autodetect,
        "ignoreUnknownValues": task.ignore_unknown_values,
        "maxBadRecords": task.max_bad_records,
        "schema": task.schema_,
        "useAvroLogicalTypes": task.avro_options and task.avro_options.use_avro_logical_types,
        "allowJaggedRows": csv and csv.allow_jagged_rows,
        "allowQuotedNewlines": csv and csv.allow_quoted_new_lines,
        "encoding": csv and csv.encoding,
        "fieldDelimiter": csv and csv.field_delimiter,
        "quote": csv and csv.quote,
        "skipLeadingRows": None
        if csv is None or csv.skip_leading_rows is None
        else str(csv.skip_leading_rows),
        **_parts(task),
    }
    return {"load": _given(load)}


def _loaded(run: RunContext, job: Any, target: str) -> Outputs:
    _measure(run, job)
    return {"jobId": job.job_id, "destinationTable": target, "rows": job.output_rows}


async def run_extract_to_gcs(task: declared.ExtractToGcs, run: RunContext) -> Outputs:
    config: Any = bigquery.ExtractJobConfig.from_api_repr(
        _given(
            {
                "labels": task.labels,
                "jobTimeoutMs": None if task.job_timeout_ms is None else str(task.job_timeout_ms),
                "extract": _given(
                    {
                        "compression": task.compression,
                        "destinationFormat": _FORMATS.get(task.format or "", task.format),
                        "fieldDelimiter": task.field_delimiter,
                        "printHeader": task.print_header,
                        "useAvroLogicalTypes": task.use_avro_logical_types,
                    }
                ),
            }
        )
    )
    async with connected(task) as big:
        source = big.table(task.source_table, "sourceTable")
        job = await big.job(
            run,
            task.source_table,
            lambda: big.bigquery.extract_table(source, task.destination_uris, job_config=config),
        )
    _measure(run, job)
    counts = job.destination_uri_file_counts
    return {
        "jobId": job.job_id,
        "sourceTable": source,
        "destinationUris": task.destination_uris,
        "fileCounts": None if counts is None else [int(each) for each in counts],
    }


async def run_copy(task: declared.Copy, run: RunContext) -> Outputs:
    copy = {
        "writeDisposition": task.write_disposition,
        "createDisposition": task.create_disposition,
        "operationType": task.operation_type,
    }
    config: Any = bigquery.CopyJobConfig.from_api_repr(_given({**_job(task), "copy": _given(copy)}))
    async with connected(task) as big:
        sources = [big.table(each, "sourceTables") for each in task.source_tables]
        target = big.table(task.destination_table, "destinationTable")
        job = await big.job(
            run,
            task.destination_table,
            lambda: big.bigquery.copy_table(sources, target, job_config=config),
            is_dry=task.dry_run,
        )
    _measure(run, job)
    return {"jobId": job.job_id}
