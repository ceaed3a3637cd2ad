"""``aws.athena.*``"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from toccata.plugin import Outputs, RunContext, TaskFailed, given_rows
from toccata.plugins.families.aws import compute as declared
from toccata.plugins.families.aws.run.client import Client, connected

_PAUSE_SECONDS = 0.5
_READ: Mapping[str, Callable[[str], Any]] = {
    "boolean": lambda text: text == "true",
    "tinyint": int,
    "smallint": int,
    "int": int,
    "integer": int,
    "bigint": int,
    "double": float,
    "float": float,
    "real": float,
    "decimal": Decimal,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
}
"""By the type of the column. Everything else stays text."""
_METRICS = {
    "DataScannedInBytes": "data.scanned.bytes",
    "EngineExecutionTimeInMillis": "engine.execution.duration",
    "QueryPlanningTimeInMillis": "query.planning.duration",
    "QueryQueueTimeInMillis": "query.queue.duration",
    "ServiceProcessingTimeInMillis": "service.processing.duration",
    "TotalExecutionTimeInMillis": "total.execution.duration",
}


async def run_query(task: declared.Query, run: RunContext) -> Outputs:
    context = {"Database": task.database, **({"Catalog": task.catalog} if task.catalog else {})}
    async with connected(task, "athena") as aws:
        started = await aws.call(
            "Athena",
            lambda client: client.start_query_execution(
                QueryString=task.query,
                QueryExecutionContext=context,
                ResultConfiguration={"OutputLocation": task.output_location},
            ),
        )
        number = str(started["QueryExecutionId"])
        run.log("INFO", f"The query has the id {number}")
        if task.fetch_type == "NONE":
            return {"queryExecutionId": number}
        await _ended(aws, run, number)
        outputs = await given_rows(run, task.fetch_type, _pages(aws, number, skips_first=task.skip_header))
        run.metric("counter", "fetch.rows", outputs["size"])
        return {"queryExecutionId": number, **outputs}


async def _ended(aws: Client, run: RunContext, number: str) -> None:
    try:
        while True:
            answer = await aws.call(
                "Athena", lambda client: client.get_query_execution(QueryExecutionId=number)
            )
            found = answer["QueryExecution"]
            state = found["Status"]["State"]
            if state == "SUCCEEDED":
                break
            if state in ("FAILED", "CANCELLED"):
                reason = found["Status"].get("StateChangeReason", "no reason is given")
                raise TaskFailed(f"Athena: the query ended as {state}: {reason}")
            await asyncio.sleep(_PAUSE_SECONDS)
    except asyncio.CancelledError:
        await aws.call("Athena", lambda client: client.stop_query_execution(QueryExecutionId=number))
        raise
    for theirs, ours in _METRICS.items():
        if found.get("Statistics", {}).get(theirs) is not None:
            run.metric("counter", ours, found["Statistics"][theirs])


async def _pages(aws: Client, number: str, *, skips_first: bool) -> AsyncIterator[list[dict[str, Any]]]:
    more: dict[str, str] = {}
    while True:
        answer = await aws.call(
            "Athena", lambda client, more=more: client.get_query_results(QueryExecutionId=number, **more)
        )
        found = answer["ResultSet"]
        columns = found["ResultSetMetadata"]["ColumnInfo"]
        rows = found["Rows"][1:] if skips_first and not more else found["Rows"]
        yield [_row(columns, each["Data"]) for each in rows]
        if not answer.get("NextToken"):
            return
        more = {"NextToken": answer["NextToken"]}


def _row(columns: list[dict[str, Any]], cells: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        column["Name"]: None
        if cell.get("VarCharValue") is None
        else _READ.get(column["Type"], str)(cell["VarCharValue"])
        for column, cell in zip(columns, cells, strict=False)
    }
